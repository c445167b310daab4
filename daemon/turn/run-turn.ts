// One turn: context → provider → fold → publish → chunk → save. It never throws; it ends once, with an outcome.

import { type ErrorInfo, NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import type { EventBody } from '../../src/protocol/schema/events.ts'
import { textOf, type Usage } from '../../src/protocol/stream.ts'
import { hasSurcharge } from '../models/surcharges.ts'
import type { Outcome, StoreMaintenance } from '../store/store.ts'
import { answer } from './answer.ts'
import { budgetNotes } from './budget-notes.ts'
import { costOf } from './cost.ts'
import { toFacts } from './facts.ts'
import { createRequest } from './request.ts'
import type { Rooms } from './rooms.ts'
import { isStopReason, type RunningTurn } from './running-turn.ts'
import { settleUsage } from './settle.ts'
import { toStory } from './story.ts'
import { createSummarise } from './summarise.ts'

/** How long an end waits for a store that cannot write, before readers are told all the same, in milliseconds. */
const SAVE_PATIENCE_MS = 2_000

export type TurnEndEvent = Extract<EventBody, { type: 'turn-end' }>

/** Resolves when the reply is saved, with the event that is then to be published. */
export async function runTurn(rooms: Rooms, turn: RunningTurn): Promise<TurnEndEvent> {
  turn.status = 'running'
  const outcome = await tryToAnswer(rooms, turn)
  try {
    return await end(rooms, turn, outcome)
  } catch (error) {
    // A fault of ours: readers are told of the end all the same.
    rooms.log.warn({ turnId: turn.plan.turnId, err: error }, 'turn did not end well')
    return toEvent(turn, roughEnding(rooms, turn, outcome), toErrorInfo(error))
  }
}

async function tryToAnswer(rooms: Rooms, turn: RunningTurn): Promise<Outcome> {
  try {
    turn.abort.signal.throwIfAborted()
    await answer(
      rooms,
      turn,
      await createRequest(rooms, turn.plan, turn.plan.log ? createSummarise(rooms, turn) : null),
    )
    return { type: 'completed' }
  } catch (error) {
    return toOutcome(turn.abort.signal.aborted ? turn.abort.signal.reason : error)
  }
}

function toOutcome(reason: unknown): Outcome {
  if (!isStopReason(reason)) return { type: 'failed', error: toErrorInfo(reason) }
  if (reason.type === 'cancelled') return { type: 'cancelled' }
  return {
    type: 'failed',
    error: {
      code: 'interrupted',
      message: 'Cannot finish the answer: natterd was stopped',
      hint: 'What came until then is kept; ask again to go on',
    },
  }
}

/** What is known of a turn once nothing more of it comes. */
interface Ending {
  readonly outcome: Outcome
  readonly usage: Usage | null
  readonly costMicros: number | null
  readonly firstPartMs: number | null
  readonly endedAt: number
}

async function end(rooms: Rooms, turn: RunningTurn, outcome: Outcome): Promise<TurnEndEvent> {
  const ending = await settle(rooms, turn, outcome).catch((error: unknown) =>
    settleRoughly(rooms, turn, outcome, error),
  )
  const unsaved = turn.plan.log ? await patiently(rooms, turn, save(rooms, turn, ending)) : record(rooms, turn, ending)
  logEnd(rooms, turn, ending)
  rooms.metrics.turnEnded(toFacts(turn, ending))
  return toEvent(turn, ending, unsaved)
}

async function settle(rooms: Rooms, turn: RunningTurn, outcome: Outcome): Promise<Ending> {
  const { plan, firstPartAt } = turn
  const usage = turn.cached === null ? settleUsage(rooms, turn) : null
  const listed = turn.cached === null ? await costOf(rooms, turn.model, usage) : 0
  const costMicros = listed !== 0 && hasSurcharge(plan.parameters.extra) ? null : listed
  // Where nothing was billed nothing was spent; where the price is unknown the reservation stands.
  turn.charge?.settle(usage === null ? 0 : costMicros)
  tellBudget(rooms, turn)
  if (usage !== null) rooms.limits.outputs.learn(turn.model, usage.outputTokens)
  const firstPartMs = firstPartAt === null ? null : firstPartAt - plan.startedAt
  return { outcome, usage, costMicros, firstPartMs, endedAt: rooms.now() }
}

/** Words only: no end fails for them. */
function tellBudget(rooms: Rooms, turn: RunningTurn): void {
  try {
    turn.notes.push(...budgetNotes(rooms, turn))
  } catch (error) {
    rooms.log.warn({ turnId: turn.plan.turnId, err: error }, 'budget not looked up')
  }
}

/** Where the count fails: what the provider says, and what was reserved. */
function settleRoughly(rooms: Rooms, turn: RunningTurn, outcome: Outcome, error: unknown): Ending {
  rooms.log.warn({ turnId: turn.plan.turnId, err: error }, 'turn not settled well')
  const ending = roughEnding(rooms, turn, outcome)
  turn.charge?.settle(ending.usage === null ? 0 : null)
  return ending
}

function roughEnding({ now }: Rooms, { reply }: RunningTurn, outcome: Outcome): Ending {
  return { outcome, usage: reply.usage, costMicros: null, firstPartMs: null, endedAt: now() }
}

function save({ store }: Rooms, turn: RunningTurn, ending: Ending): Promise<void> {
  const { plan, model, reply, attempts } = turn
  const { turnId, messageId } = plan
  const { parts, finish } = reply
  return store.turns.end({ turnId, messageId, model, parts, finish, attempts, story: toStory(turn), ...ending })
}

/** Of what is kept in memory only, the money. */
function record({ store }: Rooms, { plan, model, attempts }: RunningTurn, ending: Ending): null {
  const { turnId, deviceId, origin, startedAt } = plan
  const { outcome, usage, costMicros, endedAt } = ending
  store.turns.record({
    ...{ turnId, deviceId, origin, model },
    ...{ outcome, usage, costMicros, attempts: attempts.length, startedAt, endedAt },
  })
  return null
}

function logEnd({ log }: Rooms, { plan, model, reply }: RunningTurn, { outcome, firstPartMs, endedAt }: Ending): void {
  log.info(
    {
      turnId: plan.turnId,
      model,
      outcome: outcome.type,
      code: outcome.type === 'failed' ? outcome.error.code : undefined,
      characters: textOf(reply.parts).length,
      ms: endedAt - plan.startedAt,
      firstPartMs,
    },
    'turn ended',
  )
}

function toEvent({ plan, model, cached, notes }: RunningTurn, ending: Ending, unsaved: ErrorInfo | null): TurnEndEvent {
  const { conversationId, turnId } = plan
  const { outcome, usage, costMicros, firstPartMs } = ending
  const untold = notes.filter((note) => note !== plan.target.notice)
  return {
    ...{ type: 'turn-end', conversationId, turnId, model },
    ...{ outcome, usage, costMicros, firstPartMs },
    ...(cached === null ? {} : { cached: { ...cached } }),
    ...(unsaved === null ? {} : { unsaved }),
    ...(untold.length === 0 ? {} : { notes: untold }),
  }
}

/** A full disk shall not keep readers waiting: the store goes on trying while they are told. Null: it is saved. */
async function patiently(
  { store, log }: Rooms,
  { plan }: RunningTurn,
  saved: Promise<void>,
): Promise<ErrorInfo | null> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<ErrorInfo>((resolve) => {
    timer = setTimeout(() => resolve(toErrorInfo(notSavedYet(store.maintenance))), SAVE_PATIENCE_MS)
  })
  const settled = saved.then(
    () => null,
    (error) => {
      log.warn({ turnId: plan.turnId, err: error }, 'turn not saved')
      return toErrorInfo(error)
    },
  )
  const unsaved = await Promise.race([settled, patience])
  clearTimeout(timer)
  return unsaved
}

function notSavedYet({ state, file }: StoreMaintenance): NatterError {
  const doing = 'Cannot save the answer yet'
  const meanwhile = 'natterd keeps the answer in memory and tries again'
  switch (state()) {
    case 'full':
      return new NatterError('storage-full', `${doing}: the disk of "${file}" is full`, {
        hint: `Free some space; ${meanwhile} until then`,
      })
    case 'suspect':
      return new NatterError('storage-failed', `${doing}: the disk of "${file}" failed`, {
        hint: `Check the disk; ${meanwhile}`,
      })
    case 'ok':
      return new NatterError('storage-failed', `${doing}: another program holds "${file}", or its disk is slow`, {
        hint: `Close what uses that file; ${meanwhile}`,
      })
  }
}
