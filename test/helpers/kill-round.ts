// One kill -9 of the daemon at a random moment of several answers, and everything that must be true afterwards.

import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ConversationId } from '../../src/protocol/ids.ts'
import {
  type AfterKill,
  type AskedTurn,
  askTurn,
  checkAskedTurn,
  checkStored,
  checkText,
  type Loss,
  wordsOf,
} from './asked-turn.ts'
import { collect, type Home, type RunResult } from './home.ts'
import type { Random } from './random.ts'
import { rawCalls } from './raw-socket.ts'
import type { Shown } from './recorder.ts'
import { openTurnReader } from './stored-turn.ts'

const PIECE_MS = 8
/** Most kills meet running answers; some the moment of the first requests, some the end. */
const KILL_MAX_MS = 1_200
const EARLY_MAX_MS = 40

export interface KillReport {
  readonly losses: readonly Loss[]
  /** A conversation that the next round goes on with. */
  readonly conversationId: ConversationId | null
}

/** Several rounds on one database; prints its seed first and what it saw last. */
export async function killRounds(home: Home, { kills, random }: { kills: number; random: Random }): Promise<void> {
  process.stdout.write(`kill rounds: NATTER_TEST_SEED=${random.seed}\n`)
  let reports: readonly KillReport[] = []
  await ensureDaemon(home)
  for (let index = 1; index <= kills; index += 1) {
    const report = await killRound(home, {
      random,
      name: `kill ${index}`,
      goOn: reports.at(-1)?.conversationId ?? null,
    })
    reports = [...reports, report]
  }
  using stored = openTurnReader(`${home.paths.data}/natter.db`)
  expect(stored.strays()).toBe(0)
  process.stdout.write(`${summaryOf(reports)}\n`)
}

interface Round {
  readonly random: Random
  readonly name: string
  readonly goOn: ConversationId | null
}

async function killRound(home: Home, { random, name, goOn }: Round): Promise<KillReport> {
  const socketPath = home.paths.socket
  const command = startCommand(home, { prompt: `${name}, by command`, words: random.between(20, 180) })
  const asked = askSeveral(socketPath, { random, name, goOn })
  await delay(random.next() < 0.2 ? random.between(0, EARLY_MAX_MS) : random.between(0, KILL_MAX_MS))
  const killedAt = performance.now()
  await home.killDaemon()
  const turns = await asked
  const recorders = (await Promise.all(turns.map((turn) => turn.acknowledged))).flatMap(
    (asked) => asked?.recorder ?? [],
  )
  await Promise.all(recorders.map((recorder) => recorder.closed))
  const lastSigns = [command.shown, ...recorders.map(({ seen }) => seen)].map(
    (seen) => seen.findLast(({ at }) => at <= killedAt)?.at ?? 0,
  )
  await ensureDaemon(home)
  using stored = openTurnReader(`${home.paths.data}/natter.db`)
  const death = { killedAt, lastSignAt: Math.max(...lastSigns) }
  const after = { socketPath, stored, death }
  const losses = [
    await checkCommand(command, after),
    ...(await Promise.all(turns.map((turn) => checkAskedTurn(turn, after)))),
  ]
  expect(await rawCalls(socketPath)('store.check', {})).toMatchObject({ ok: true, problems: [] })
  return { losses, conversationId: (await turns[0]?.acknowledged)?.conversationId ?? null }
}

/** The next command starts the daemon again, and its own answer is whole. */
async function ensureDaemon(home: Home): Promise<void> {
  const result = await home.run(['-q', '-o', 'words=3', '-o', 'delayMs=0', 'next'])
  expect(result).toEqual({ code: 0, signal: null, stdout: wordsOf(3), stderr: '' })
}

/** New conversations, one that goes on from the round before, and now and then a turn that waits for another. */
async function askSeveral(socketPath: string, { random, name, goOn }: Round): Promise<readonly AskedTurn[]> {
  const asking = (index: number, conversationId: ConversationId | null) => ({
    prompt: `${name}, question ${index}`,
    words: random.between(5, 180),
    delayMs: PIECE_MS,
    conversationId,
  })
  const turns = Array.from({ length: random.between(1, 4) }, (_, index) =>
    askTurn(socketPath, asking(index, index === 0 ? goOn : null)),
  )
  const waits = random.next() < 0.3
  const second = asking(turns.length, null)
  const conversationId = (await turns[0]?.acknowledged)?.conversationId ?? null
  if (!waits || conversationId === null) return turns
  return [...turns, askTurn(socketPath, { ...second, conversationId })]
}

interface Command {
  readonly prompt: string
  readonly words: number
  readonly shown: readonly Shown[]
  readonly result: Promise<RunResult>
}

/** The real command follows its own turn; it finds the daemon dead, brings it back and says how the turn ended. */
function startCommand(home: Home, { prompt, words }: { prompt: string; words: number }): Command {
  const child = home.start(['-q', '-o', `words=${words}`, '-o', `delayMs=${PIECE_MS}`, prompt])
  child.stdin.end()
  const shown: Shown[] = []
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
    shown.push({ text, at: performance.now() })
  })
  return { prompt, words, shown, result: collect(child) }
}

async function checkCommand(command: Command, { stored, death }: AfterKill): Promise<Loss> {
  const { code, signal, stdout, stderr } = await command.result
  const turn = stored.byPrompt(command.prompt)
  checkStored(turn, command)
  const interrupted = turn?.outcome === 'failed'
  expect({ signal, code, stderr: stderr !== '' }).toEqual({
    signal: null,
    code: interrupted ? 1 : 0,
    stderr: interrupted,
  })
  if (!interrupted) expect(stdout).toBe(turn?.text)
  return checkText(turn?.text ?? '', { shown: command.shown, interrupted, death })
}

function summaryOf(reports: readonly KillReport[]): string {
  const losses = reports.flatMap((report) => report.losses)
  const interrupted = losses.filter((loss) => loss.interrupted)
  const worst = (field: 'ms' | 'livingMs' | 'characters') => Math.round(Math.max(...losses.map((loss) => loss[field])))
  return [
    `${reports.length} kills, ${losses.length} turns, ${interrupted.length} of them interrupted;`,
    `lost of what was shown: at most ${worst('characters')} characters, ${worst('livingMs')} ms of the daemon's life,`,
    `first shown at most ${worst('ms')} ms before the kill`,
  ].join(' ')
}
