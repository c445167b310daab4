// Answers given again: the same caller asked the same model the same thing, and wants no other answer.

import { createHash } from 'node:crypto'
import { wholeEnd } from '../../src/protocol/text.ts'
import type { CachedResponse } from '../store/response-store.ts'
import { costOf } from './cost.ts'
import { show } from './outlet.ts'
import type { Fitted } from './request.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn, TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'
import { untilAborted } from './until-aborted.ts'

const MAX_MEGABYTES = 100
const MAX_AGE_DAYS = 30
const DAY_MS = 86_400_000
/** Text of a kept answer goes out in pieces, as it once came in, in characters. */
const PIECE = 4_096

/** Answers the turn from what was kept, or with the call of another; else makes the call and keeps what comes. */
export async function answerThroughCache(
  rooms: Rooms,
  turn: RunningTurn,
  target: Target,
  ask: () => Promise<unknown>,
): Promise<unknown> {
  const { plan, sent } = turn
  if (plan.cache === 'off' || sent === null) return ask()
  const key = keyOf(turn, target, sent)
  const { joining } = rooms
  for (let other = runningFor(plan); other !== null; other = runningFor(plan)) {
    const shared = await untilAborted(other, turn.abort.signal)
    if (shared !== null) return replay(rooms, turn, shared)
  }
  // In the same breath as the last look, so that nobody begins the same in between.
  const call = joining.begin(key)
  let kept: CachedResponse | null = null
  try {
    kept = plan.cache === 'use' ? await find(rooms, key) : null
    if (kept !== null) return await replay(rooms, turn, kept)
    const failure = await ask()
    if (failure === null) kept = await keep(rooms, turn, key)
    return failure
  } finally {
    call.finish(kept)
  }

  function runningFor({ cache }: TurnPlan): Promise<CachedResponse | null> | null {
    return cache === 'use' ? joining.running(key) : null
  }
}

/** The caller is part of it: what one device was told is told to no other. */
function keyOf({ plan }: RunningTurn, target: Target, { messages, system }: Fitted): string {
  const { parameters, brought } = plan
  const { tools = null, responseFormat = null } = brought ?? {}
  const asked = [
    plan.deviceId ?? 'owner',
    target.model,
    target.endpoint.baseUrl,
    system,
    sorted(parameters),
    tools,
    responseFormat,
    messages,
  ]
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex')
}

function sorted(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

async function find({ store, settings, now }: Rooms, key: string): Promise<CachedResponse | null> {
  const days = settings().cache?.maxAgeDays ?? MAX_AGE_DAYS
  return store.responses.get(key, now() - days * DAY_MS)
}

/** Only what is whole. */
async function keep(rooms: Rooms, turn: RunningTurn, key: string): Promise<CachedResponse | null> {
  const { store, settings, log, now } = rooms
  const { reply, model } = turn
  if (reply.finish?.reason !== 'stop' && reply.finish?.reason !== 'tool-calls') return null
  const costMicros = await costOf(rooms, model, reply.usage)
  const response = { key, reply, costMicros, createdAt: now() }
  const megabytes = settings().cache?.maxMegabytes ?? MAX_MEGABYTES
  await store.responses
    .put(response, megabytes * 1024 * 1024)
    .catch((error: unknown) => log.warn({ err: error }, 'answer not kept for the next who asks'))
  return response
}

async function replay(
  rooms: Rooms,
  turn: RunningTurn,
  { reply, costMicros, createdAt }: CachedResponse,
): Promise<null> {
  turn.cached = { createdAt, savedMicros: costMicros }
  turn.firstPartAt ??= rooms.now()
  for (const part of reply.parts) {
    if (part.type === 'tool-call') {
      await show(rooms, turn, [{ ...part, type: 'tool-call-delta' }])
      continue
    }
    const type = part.type === 'text' ? 'text-delta' : 'reasoning-delta'
    for (let start = 0, end = 0; start < part.text.length; start = end) {
      turn.abort.signal.throwIfAborted()
      end = wholeEnd(part.text, start + PIECE)
      await show(rooms, turn, [{ type, text: part.text.slice(start, end) }])
    }
  }
  if (reply.finish !== null) await show(rooms, turn, [{ type: 'finish', ...reply.finish }])
  return null
}
