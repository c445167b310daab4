// Calls that are answered at once and in one piece, outside of conversations: vectors and pictures of an OpenAI client.

import { NatterError } from '../../src/protocol/errors.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { EmbeddingRequest, ImageAnswer, ImageRequest } from '../providers/provider.ts'
import { countedUsage } from './cost.ts'
import { drawAll } from './draw.ts'
import type { Rooms } from './rooms.ts'
import { singleCall } from './single-call.ts'
import { resolveTarget, type Target } from './target.ts'

export interface SingleCaller {
  /** Null: the owner. */
  readonly deviceId: DeviceId | null
  /** Millionths of a dollar that it may cost; null: whatever the budget has left. */
  readonly maxCostMicros: number | null
}

export interface SingleAnswer<Value> {
  readonly value: Value
  /** The model that answered, `provider/model`. */
  readonly model: string
  /** Null where the vendor said nothing. */
  readonly usage: Usage | null
}

/** `model` is as users name it. All throw NatterErrors; an abort throws the signal's reason. */
export interface SingleCalls {
  /** How many run or wait. */
  readonly active: number
  embed(
    request: EmbeddingRequest,
    caller: SingleCaller,
    signal: AbortSignal,
  ): Promise<SingleAnswer<readonly (readonly number[])[]>>
  /** Fewer pictures than asked for where the vendor failed after some were drawn. */
  draw(request: ImageRequest, caller: SingleCaller, signal: AbortSignal): Promise<SingleAnswer<ImageAnswer['images']>>
  /** Refuses new ones, waits for the running ones up to `patienceMs`, then stops them; resolves when all are recorded. */
  drain(patienceMs: number): Promise<void>
}

export function createSingleCalls(rooms: Rooms): SingleCalls {
  const running = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  let draining = false
  return {
    get active() {
      return running.size
    },
    embed: (request, caller, signal) => counted((either) => embed(rooms, { request, caller }, either), signal),
    draw: (request, caller, signal) => counted((either) => draw(rooms, { request, caller }, either), signal),
    async drain(patienceMs) {
      draining = true
      const timer = setTimeout(() => stopping.abort(stopped()), patienceMs)
      await Promise.allSettled(running)
      clearTimeout(timer)
    },
  }

  async function counted<Value>(call: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    if (draining) {
      throw new NatterError('daemon-unreachable', 'Cannot start call: natterd is stopping', {
        hint: 'Try again in a moment',
      })
    }
    const result = call(AbortSignal.any([signal, stopping.signal]))
    running.add(result)
    try {
      return await result
    } finally {
      running.delete(result)
    }
  }
}

interface Asked<Request> {
  readonly request: Request
  readonly caller: SingleCaller
}

async function embed(
  rooms: Rooms,
  { request, caller }: Asked<EmbeddingRequest>,
  signal: AbortSignal,
): Promise<SingleAnswer<readonly (readonly number[])[]>> {
  const target = await targetOf(rooms, request.model)
  const { model } = target
  const inputTokens = request.input.reduce((sum, text) => sum + rooms.tokens.estimate(model, text), 0)
  const expected = { inputTokens, outputTokens: 0 }
  const answer = await singleCall(
    rooms,
    { operation: 'embeddings', target, caller, expected },
    async (call) => {
      const asked = { ...request, model: target.modelId }
      const made = await call.make(expected, (provider, options) => provider.embed(asked, options))
      // What goes in is all that is billed, and of that our own count is near enough.
      call.bill(made.usage ?? countedUsage(inputTokens, 0), 1)
      return made
    },
    signal,
  )
  return { value: answer.vectors, model, usage: answer.usage }
}

async function draw(
  rooms: Rooms,
  { request, caller }: Asked<ImageRequest>,
  signal: AbortSignal,
): Promise<SingleAnswer<ImageAnswer['images']>> {
  const target = await targetOf(rooms, request.model)
  const { images, usage } = await drawAll(rooms, { request, target, caller }, signal)
  return { value: images, model: target.model, usage }
}

/** No other model may stand in: its vectors and its pictures are not these. */
function targetOf(rooms: Rooms, named: string): Promise<Target> {
  return resolveTarget(rooms, { named, conversation: null, environment: {} })
}

function stopped(): NatterError {
  return new NatterError('interrupted', 'Cannot finish the call: natterd was stopped', { hint: 'Ask again' })
}
