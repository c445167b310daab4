// The answer of a turn: its model as often as makes sense, then those that may stand in for it.

import { setTimeout as delay } from 'node:timers/promises'
import { NatterError } from '../../src/protocol/errors.ts'
import { call } from './call.ts'
import { reserveCharge } from './charge.ts'
import { fallbackTargets, offerFallback } from './fallback.ts'
import { isWholeOnly, noteOfLeftOut } from './fit-brought.ts'
import type { Fitted, TurnRequest } from './request.ts'
import { answerThroughCache } from './response-cache.ts'
import { nextStep } from './retry-policy.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'
import type { Target } from './target.ts'
import { tellWait } from './wait.ts'

/** Throws the failure of the first model, which is the one that was asked for. */
export async function answer(rooms: Rooms, turn: RunningTurn, request: TurnRequest): Promise<void> {
  const failure = await exhaust(rooms, turn, turn.plan.target, request)
  if (failure === null) return
  for await (const target of fallbackTargets(rooms, turn.plan)) {
    await tellModel(rooms, turn, target, failure)
    try {
      if ((await exhaust(rooms, turn, target, request)) === null) return
    } catch (error) {
      // Text of a stand-in that then breaks off is an answer; one that will not have the request is none.
      if (turn.firstPartAt !== null || turn.abort.signal.aborted) throw error
    }
  }
  turn.model = turn.plan.target.model
  throw offerFallback(rooms, turn.plan, failure)
}

/** Null: it has answered. Else why the model could not be had, however often it was asked; throws what is final. */
async function exhaust(rooms: Rooms, turn: RunningTurn, target: Target, request: TurnRequest): Promise<unknown> {
  const sent = await request.fit(target, false)
  tellSent(rooms, turn, target, sent)
  return answerThroughCache(rooms, turn, target, () => askAndRetry(rooms, turn, target, { request, sent }))
}

interface Asking {
  readonly request: TurnRequest
  readonly sent: Fitted
}

async function askAndRetry(rooms: Rooms, turn: RunningTurn, target: Target, asking: Asking): Promise<unknown> {
  let { sent } = asking
  let isTrimmed = isWholeOnly(turn.plan.brought)
  await reserveCharge(rooms, turn, target, sent)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await call(rooms, turn, target, sent)
      return null
    } catch (error) {
      turn.abort.signal.throwIfAborted()
      const step = nextStep({ error, attempt, isShown: turn.firstPartAt !== null, isTrimmed }, rooms.limits.random)
      switch (step.type) {
        case 'retry':
          await pause(rooms, turn, step.afterMs)
          break
        case 'trim': {
          const shorter = await asking.request.fit(target, true)
          if (shorter.leftOut === sent.leftOut) throw error
          sent = shorter
          tellSent(rooms, turn, target, shorter)
          isTrimmed = true
          break
        }
        case 'fallback':
          return error
        case 'fail':
          throw error
      }
    }
  }
}

function tellSent({ settings }: Rooms, turn: RunningTurn, { model }: Target, sent: Fitted): void {
  turn.sent = sent
  // Where summaries are made, they say what became of the beginning.
  if (turn.plan.brought === null && settings().context?.summary === 'on') return
  const note = noteOfLeftOut(sent.leftOut, model)
  if (note !== null) turn.notes.push(note)
}

async function pause(rooms: Rooms, turn: RunningTurn, ms: number): Promise<void> {
  tellWait(rooms, turn, { reason: 'retry', position: null, until: Math.round(rooms.now() + ms) })
  const { signal } = turn.abort
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
  turn.wait = null
}

async function tellModel({ hub }: Rooms, turn: RunningTurn, target: Target, failure: unknown): Promise<void> {
  const { conversationId, turnId } = turn.plan
  turn.model = target.model
  const reason = failure instanceof NatterError ? failure.message : String(failure)
  await hub.publish({ type: 'turn-model', conversationId, turnId, model: target.model, reason })
}
