// One turn: context → provider → fold → publish → chunk → save. It never throws; it ends once, with an outcome.

import { type ErrorInfo, NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import type { EventBody } from '../../src/protocol/schema/events.ts'
import { textOf, type Usage } from '../../src/protocol/stream.ts'
import type { ProviderMessage } from '../providers/provider.ts'
import type { Outcome, StoreMaintenance } from '../store/store.ts'
import { CONTEXT_MESSAGES, toProviderMessages } from './context.ts'
import { show } from './outlet.ts'
import type { Rooms } from './rooms.ts'
import { isStopReason, type RunningTurn } from './running-turn.ts'
import { settleUsage } from './settle.ts'

/** How long an end waits for a store that cannot write, before readers are told all the same, in milliseconds. */
const SAVE_PATIENCE_MS = 2_000

export type TurnEndEvent = Extract<EventBody, { type: 'turn-end' }>

/** Resolves when the reply is saved, with the event that is then to be published. */
export async function runTurn(rooms: Rooms, turn: RunningTurn): Promise<TurnEndEvent> {
  turn.status = 'running'
  return end(rooms, turn, await answer(rooms, turn))
}

interface Answered {
  readonly outcome: Outcome
  readonly messages: readonly ProviderMessage[]
}

async function answer(rooms: Rooms, turn: RunningTurn): Promise<Answered> {
  let messages: readonly ProviderMessage[] = []
  try {
    turn.abort.signal.throwIfAborted()
    messages = await chooseContext(rooms, turn)
    await callProvider(rooms, turn, messages)
    return { outcome: { type: 'completed' }, messages }
  } catch (error) {
    return { outcome: toOutcome(turn.abort.signal.aborted ? turn.abort.signal.reason : error), messages }
  }
}

async function chooseContext({ store }: Rooms, { plan }: RunningTurn): Promise<readonly ProviderMessage[]> {
  // Of a turn that is not kept nothing is stored but what it goes on from.
  const leaf = plan.log ? plan.userMessageId : plan.parentId
  const branch = plan.opens || leaf === null ? [] : await store.messages.branch(leaf, CONTEXT_MESSAGES)
  const messages = toProviderMessages(branch, plan.log && !plan.opens ? null : plan.prompt)
  if (messages.length > 0) return messages
  throw new NatterError('not-found', `Cannot answer in "${plan.title}": it was deleted while the question waited`)
}

async function callProvider(rooms: Rooms, turn: RunningTurn, messages: readonly ProviderMessage[]): Promise<void> {
  const { plan, abort } = turn
  const startedAt = rooms.now()
  let requestId: string | null = null
  let failure: unknown = null
  try {
    const stream = rooms.providers.provider(plan.target.endpoint).stream(
      { model: plan.target.modelId, system: plan.system, messages, parameters: plan.parameters },
      {
        onHead: (head) => {
          requestId = head.requestId
        },
        signal: abort.signal,
      },
    )
    for await (const parts of stream) {
      turn.firstPartAt ??= rooms.now()
      await show(rooms, turn, parts)
    }
  } catch (error) {
    failure = abort.signal.aborted ? abort.signal.reason : error
    throw error
  } finally {
    turn.attempts.push({
      number: turn.attempts.length + 1,
      model: plan.target.model,
      startedAt,
      firstPartMs: turn.firstPartAt === null ? null : turn.firstPartAt - startedAt,
      endedAt: rooms.now(),
      error: failure === null || isStopReason(failure) ? null : toErrorInfo(failure),
      requestId,
    })
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

async function end(rooms: Rooms, turn: RunningTurn, answered: Answered): Promise<TurnEndEvent> {
  const ending = await settle(rooms, turn, answered)
  const unsaved = await patiently(rooms, turn, save(rooms, turn, ending))
  logEnd(rooms, turn, ending)
  return toEvent(turn, ending, unsaved)
}

async function settle(rooms: Rooms, turn: RunningTurn, { outcome, messages }: Answered): Promise<Ending> {
  const { plan, firstPartAt } = turn
  const usage = settleUsage(rooms, turn, messages)
  const costMicros = usage === null ? null : await costOf(rooms, plan.target.model, usage)
  const firstPartMs = firstPartAt === null ? null : firstPartAt - plan.startedAt
  return { outcome, usage, costMicros, firstPartMs, endedAt: rooms.now() }
}

function save({ store }: Rooms, { plan, reply, attempts }: RunningTurn, ending: Ending): Promise<void> {
  const { turnId, messageId, origin, startedAt } = plan
  const { model } = plan.target
  if (plan.log) {
    const { parts, finish } = reply
    return store.turns.end({ turnId, messageId, model, parts, finish, attempts, ...ending })
  }
  const { outcome, usage, costMicros, endedAt } = ending
  return store.turns.record({
    ...{ turnId, deviceId: null, origin, model },
    ...{ outcome, usage, costMicros, attempts: attempts.length, startedAt, endedAt },
  })
}

function logEnd({ log }: Rooms, { plan, reply }: RunningTurn, { outcome, firstPartMs, endedAt }: Ending): void {
  log.info(
    {
      turnId: plan.turnId,
      model: plan.target.model,
      outcome: outcome.type,
      code: outcome.type === 'failed' ? outcome.error.code : undefined,
      characters: textOf(reply.parts).length,
      ms: endedAt - plan.startedAt,
      firstPartMs,
    },
    'turn ended',
  )
}

/** That nothing was saved of a turn that is kept in memory only is no news. */
function toEvent({ plan }: RunningTurn, ending: Ending, unsaved: ErrorInfo | null): TurnEndEvent {
  const { conversationId, turnId, target, log } = plan
  const { outcome, usage, costMicros, firstPartMs } = ending
  return {
    ...{ type: 'turn-end', conversationId, turnId, model: target.model },
    ...{ outcome, usage, costMicros, firstPartMs },
    ...(unsaved === null || !log ? {} : { unsaved }),
  }
}

/** A price list that cannot be read makes the cost unknown; the answer is there all the same. */
async function costOf({ catalogue, log }: Rooms, model: string, usage: Usage): Promise<number | null> {
  try {
    return await catalogue.cost(model, usage)
  } catch (error) {
    log.warn({ model, err: error }, 'cost unknown')
    return null
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
