// A turn asked for over the raw socket, its reader, and what must be true of it once the daemon was killed.

import { expect } from 'vitest'
import { type ConversationId, createId, type TurnId } from '../../src/protocol/ids.ts'
import { rawCalls } from './raw-socket.ts'
import { countOf, type Recorder, type Shown, shownOf, startRecorder } from './recorder.ts'
import type { StoredTurn, TurnReader } from './stored-turn.ts'
import { until } from './until.ts'

/** Killed, the daemon may lose what it showed in this time, in milliseconds. */
const LOSS_LIMIT_MS = 150

export interface Asking {
  readonly prompt: string
  readonly words: number
  readonly delayMs: number
  readonly conversationId: ConversationId | null
}

export interface AskedTurn extends Asking {
  readonly turnId: TurnId
  /** Null where the daemon died before it answered. */
  readonly acknowledged: Promise<Acknowledged | null>
}

interface Acknowledged {
  readonly conversationId: ConversationId
  readonly recorder: Recorder
}

/** What a reader lost by the kill. */
export interface Loss {
  readonly interrupted: boolean
  /** How long before the kill the first lost piece was shown; 0 where nothing was lost. */
  readonly ms: number
  /** The same, counted from the daemon's last sign of life: a process that a busy machine lets wait cannot save either. */
  readonly livingMs: number
  readonly characters: number
}

export function askTurn(socketPath: string, asking: Asking): AskedTurn {
  const turnId = createId('trn')
  const acknowledged = start(socketPath, turnId, asking)
    .then(({ conversationId }) => ({ conversationId, recorder: startRecorder(socketPath, conversationId) }))
    .catch(() => null)
  return { ...asking, turnId, acknowledged }
}

function start(socketPath: string, turnId: TurnId, { prompt, words, delayMs, conversationId }: Asking) {
  return rawCalls(socketPath)('turns.start', {
    turnId,
    prompt,
    model: 'demo/natter',
    origin: 'api',
    parameters: { extra: { words, delayMs } },
    ...(conversationId === null ? {} : { conversationId }),
  })
}

export interface AfterKill {
  /** Of the daemon that was started again. */
  readonly socketPath: string
  readonly stored: TurnReader
  readonly death: Death
}

export interface Death {
  readonly killedAt: number
  /** When the last event of any turn was seen. */
  readonly lastSignAt: number
}

export async function checkAskedTurn(asked: AskedTurn, after: AfterKill): Promise<Loss> {
  const acknowledged = await asked.acknowledged
  // A client that got no answer asks again under the same id: that must be one turn, not two.
  if (acknowledged === null) await start(after.socketPath, asked.turnId, asked)
  await until(async () => {
    const { turn } = await rawCalls(after.socketPath)('turns.get', { reference: asked.turnId })
    return turn.status === 'ended'
  })
  const stored = after.stored.byId(asked.turnId)
  checkStored(stored, asked)
  if (acknowledged === null) return noLoss(stored?.outcome === 'failed')
  await checkTold(asked.turnId, acknowledged, after)
  return checkText(stored?.text ?? '', {
    shown: shownOf(acknowledged.recorder.seen, asked.turnId),
    interrupted: stored?.outcome === 'failed',
    death: after.death,
  })
}

/** One end, one outcome, one ledger row, the user's message, and either the whole answer or the words "interrupted". */
export function checkStored(stored: StoredTurn | null, asked: Pick<Asking, 'prompt' | 'words'>): void {
  expect(stored).toMatchObject({ ended: 1, ledgerRows: 1, messages: 2, chunks: 0, prompt: asked.prompt })
  expect(stored?.ledgerOutcome).toBe(stored?.outcome)
  if (stored?.outcome === 'completed') expect(stored.text).toBe(wordsOf(asked.words))
  else expect(stored).toMatchObject({ outcome: 'failed', errorCode: 'interrupted' })
}

/** Over both lives of the daemon a reader hears at most one end, never a second start, and of no turn that still runs. */
async function checkTold(turnId: TurnId, { conversationId, recorder }: Acknowledged, after: AfterKill): Promise<void> {
  const before = countOf(recorder.seen, turnId, 'turn-end')
  if (before > 0) expect(after.stored.byId(turnId)?.outcome).toBe('completed')
  const resumed = startRecorder(after.socketPath, conversationId, recorder.lastSeq)
  await until(() => before > 0 || resumed.seen.length > 0)
  resumed.stop()
  await resumed.closed
  const events = resumed.seen.map(({ event }) => event)
  for (const event of events) {
    expect(event.seq).toBeGreaterThan(recorder.lastSeq ?? 0)
    const running =
      event.type === 'snapshot' && event.turns.some((turn) => turn.turnId === turnId && turn.outcome === null)
    expect(running, 'a turn that died with the daemon is shown as running').toBe(false)
  }
  expect(before + countOf(resumed.seen, turnId, 'turn-end')).toBeLessThanOrEqual(1)
  expect(countOf([...recorder.seen, ...resumed.seen], turnId, 'turn-start')).toBeLessThanOrEqual(1)
}

interface TextCheck {
  readonly shown: readonly Shown[]
  readonly interrupted: boolean
  readonly death: Death
}

/** More than a frame of the fastest stream here holds. */
const FRAME_CHARS = 400

/** Stored is a prefix of what was shown, and not far behind it. */
export function checkText(stored: string, { shown, interrupted, death }: TextCheck): Loss {
  const all = shown.at(-1)?.text ?? ''
  if (!interrupted) {
    expect(stored.startsWith(all), 'an answer was shown that is not the one stored').toBe(true)
    return noLoss(interrupted)
  }
  // A frame may be saved and die with the daemon on its way to the reader: saved and not seen is no loss.
  const ahead = stored.startsWith(all) && stored.length - all.length <= FRAME_CHARS
  expect(ahead || all.startsWith(stored), `stored "${stored.slice(-60)}", shown "${all.slice(-60)}"`).toBe(true)
  const lost = shown.find(({ text }) => text.length > stored.length)
  const lostSince = (at: number) => (lost === undefined ? 0 : Math.max(0, at - lost.at))
  const livingMs = lostSince(death.lastSignAt)
  const characters = Math.max(0, all.length - stored.length)
  expect(livingMs, `${characters} characters lost`).toBeLessThanOrEqual(LOSS_LIMIT_MS)
  return { interrupted, ms: lostSince(death.killedAt), livingMs, characters }
}

function noLoss(interrupted: boolean): Loss {
  return { interrupted, ms: 0, livingMs: 0, characters: 0 }
}

/** What the demo model answers when it is asked for that many words. */
export function wordsOf(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ')
}
