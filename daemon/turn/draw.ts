// Pictures: all at once where a vendor draws several, else one after the other.

import { addUsage, type Usage } from '../../src/protocol/stream.ts'
import type { ImageAnswer, ImageRequest, WireFormat } from '../providers/provider.ts'
import type { Rooms } from './rooms.ts'
import { type Single, type SingleCall, singleCall } from './single-call.ts'

export interface Drawing extends Pick<Single, 'target' | 'caller'> {
  readonly request: ImageRequest
}

/** A failure after some pictures were drawn gives those: they are billed, and drawn again they would be so twice. */
export function drawAll(rooms: Rooms, drawing: Drawing, signal: AbortSignal): Promise<ImageAnswer> {
  const { request, target, caller } = drawing
  const inputTokens = rooms.tokens.estimate(target.model, request.prompt)
  const one = { inputTokens, outputTokens: rooms.limits.outputs.of(lessonOf(target.model), undefined) }
  const each = drawsOneByOne(target.endpoint.format) ? 1 : request.count
  const calls = request.count / each
  const expected = { inputTokens: inputTokens * calls, outputTokens: one.outputTokens * request.count }
  return singleCall(
    rooms,
    { operation: 'generate_content', target, caller, expected },
    async (call) => {
      let drawn: ImageAnswer = { images: [], usage: null }
      for (let made = 0; made < calls && drawn.images.length < request.count; made += 1) {
        try {
          drawn = join(drawn, await drawOnce(rooms, drawing, { call, inputTokens, each, perPicture: one.outputTokens }))
        } catch (error) {
          if (drawn.images.length === 0 || signal.aborted) throw error
          rooms.log.warn({ model: target.model, err: error }, 'fewer pictures than asked for')
          break
        }
        call.bill(drawn.usage, (made + 1) / calls)
      }
      return { ...drawn, images: drawn.images.slice(0, request.count) }
    },
    signal,
  )
}

interface Once {
  readonly call: SingleCall
  readonly inputTokens: number
  readonly each: number
  /** Tokens that it is likely to take. */
  readonly perPicture: number
}

async function drawOnce(
  { limits }: Rooms,
  { request, target }: Drawing,
  { call, inputTokens, each, perPicture }: Once,
): Promise<ImageAnswer> {
  const asked = { ...request, count: each, model: target.modelId }
  const expected = { inputTokens, outputTokens: perPicture * each }
  const answer = await call.make(expected, (provider, options) => provider.drawImages(asked, options))
  const { images, usage } = answer
  // Only from what is reported: a guess that is learned from grows with every call.
  if (usage !== null && !usage.estimated && images.length > 0) {
    limits.outputs.learn(lessonOf(target.model), Math.ceil(usage.outputTokens / images.length))
  }
  return answer
}

/** What a picture takes says nothing of what an answer does. */
function lessonOf(model: string): string {
  return `draw ${model}`
}

function drawsOneByOne(format: WireFormat): boolean {
  return format === 'gemini'
}

function join(drawn: ImageAnswer, { images, usage }: ImageAnswer): ImageAnswer {
  return { images: [...drawn.images, ...images], usage: add(drawn.usage, usage) }
}

function add(before: Usage | null, more: Usage | null): Usage | null {
  if (before === null || more === null) return before ?? more
  return addUsage(before, more)
}
