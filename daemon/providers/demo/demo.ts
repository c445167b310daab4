// The built-in demo provider: streams without a network, so that the first prompt on any machine is answered.

import { setImmediate as nextLoop, setTimeout as sleep } from 'node:timers/promises'
import type { StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { type Provider, type ProviderRequest, type StreamOptions, textOfMessage } from '../provider.ts'
import { NO_EMBEDDINGS, NO_IMAGES } from '../unsupported.ts'
import { demoAnswer, demoWords, toPieces } from './answer.ts'

const DEMO_MODEL = 'natter'

/** The whole answer takes about this long, however long it is. */
const ANSWER_MS = 1300
/** What is due within so many milliseconds goes out together, as text of vendors does. */
const FRAME_MS = 33
/** So many pieces go out at once when there is no pause. */
const BURST = 16
const CHARACTERS_PER_TOKEN = 4

/**
 * `parameters.extra.words` replaces the answer by that many numbered words, `extra.delayMs` sets the pause
 * between two pieces; both serve tests and measurements.
 */
export function createDemoProvider(): Provider {
  return {
    stream,
    embed: NO_EMBEDDINGS,
    drawImages: NO_IMAGES,
    async listModels() {
      return [{ id: DEMO_MODEL, name: 'Demo (built in, no AI)', contextTokens: 32_000, outputTokens: 4000 }]
    },
  }
}

async function* stream(request: ProviderRequest, options: StreamOptions): AsyncGenerator<readonly StreamPart[], void> {
  options.signal.throwIfAborted()
  const words = toNumber(request.parameters.extra?.['words'])
  const answer = words === null ? demoAnswer(request) : demoWords(words)
  const { pieces, cutOff } = limit(toPieces(answer), request.parameters.maxOutputTokens)
  const delayMs = toNumber(request.parameters.extra?.['delayMs']) ?? ANSWER_MS / Math.max(1, pieces.length)
  options.onHead?.({ status: 200, requestId: null, headers: {} })
  const startedAt = performance.now()
  let sent = 0
  while (sent < pieces.length) {
    if (sent > 0)
      await pause(delayMs === 0 ? 0 : Math.max(FRAME_MS, startedAt + sent * delayMs - performance.now()), options)
    const due = delayMs === 0 ? sent + BURST : 1 + Math.floor((performance.now() - startedAt) / delayMs)
    const end = sent === 0 ? 1 : Math.max(sent + 1, due)
    yield [{ type: 'text-delta', text: pieces.slice(sent, end).join('') }]
    sent = end
  }
  options.signal.throwIfAborted()
  const usage = countUsage(request, pieces.join(''))
  yield [
    { type: 'usage', usage },
    { type: 'finish', reason: cutOff ? 'length' : 'stop', raw: cutOff ? 'length' : 'stop' },
  ]
}

/** Late pieces go out together, so that the pace holds under load. */
async function pause(ms: number, { signal }: StreamOptions): Promise<void> {
  signal.throwIfAborted()
  try {
    if (ms > 0) await sleep(ms, undefined, { signal })
    else await nextLoop()
  } catch {
    // Only an abort ends a sleep; its reason is what the caller wants to see.
  }
  signal.throwIfAborted()
}

function limit(pieces: readonly string[], max: number | undefined): { pieces: readonly string[]; cutOff: boolean } {
  if (max === undefined || pieces.length <= max) return { pieces, cutOff: false }
  return { pieces: pieces.slice(0, max), cutOff: true }
}

function countUsage(request: ProviderRequest, answer: string): Usage {
  const input = [request.system ?? '', ...request.messages.map(textOfMessage)].join(' ')
  return {
    inputTokens: Math.ceil(input.length / CHARACTERS_PER_TOKEN),
    outputTokens: Math.ceil(answer.length / CHARACTERS_PER_TOKEN),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    estimated: true,
  }
}

/** From the command line every extra is text. */
function toNumber(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null
}
