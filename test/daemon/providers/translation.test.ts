// Every recorded stream, cut everywhere, becomes the same message.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnthropicReader } from '../../../daemon/providers/anthropic/reader.ts'
import { createFailures } from '../../../daemon/providers/failures.ts'
import { createGeminiReader } from '../../../daemon/providers/gemini/reader.ts'
import { createChatReader } from '../../../daemon/providers/openai/chat-reader.ts'
import { createResponsesReader } from '../../../daemon/providers/openai/responses-reader.ts'
import type { StreamReader } from '../../../daemon/providers/reader.ts'
import { createTranslation } from '../../../daemon/providers/translation.ts'
import type { ErrorCode } from '../../../src/protocol/errors.ts'
import { EMPTY_REPLY, fold, mergeDeltas, type ReplyState, type StreamPart } from '../../../src/protocol/stream.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'
import { STREAM_FIXTURES, type StreamFixture, usageOf, withoutMadeIds } from './fixtures.ts'

const READERS: { readonly [Format in NetworkFormat]: () => StreamReader } = {
  'openai-chat': createChatReader,
  'openai-responses': createResponsesReader,
  anthropic: createAnthropicReader,
  gemini: createGeminiReader,
}
const FIXTURES = new URL('../../fixtures/providers/', import.meta.url)
const STREAMS = STREAM_FIXTURES.filter(({ file }) => file.endsWith('.sse'))

const UNCOUNTED =
  'data: {"candidates":[{"content":{"parts":[{"text":"Half"}]}}],"usageMetadata":{"promptTokenCount":8}}\n\n'
const COUNTED = UNCOUNTED.replace('8', '8,"candidatesTokenCount":4')

interface Replayed {
  readonly reply: ReplyState
  readonly error: ErrorCode | null
}

it.each(STREAMS)('createTranslation() reads $file', (fixture) => {
  expect(replay(fixture, [bytesOf(fixture)])).toEqual(expectedOf(fixture))
})

it.each(STREAMS)('createTranslation() reads $file cut in two at every byte', (fixture) => {
  const bytes = bytesOf(fixture)
  const expected = JSON.stringify(expectedOf(fixture))
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const replayed = replay(fixture, [bytes.subarray(0, cut), bytes.subarray(cut)])
    // Comparing text is much faster than comparing values, and there are 50,000 comparisons.
    if (JSON.stringify(replayed) !== expected) expect(replayed, `cut at ${cut}`).toEqual(expectedOf(fixture))
  }
})

it.each(STREAMS)('createTranslation() reads $file byte by byte', (fixture) => {
  const bytes = bytesOf(fixture)
  expect(
    replay(
      fixture,
      Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)),
    ),
  ).toEqual(expectedOf(fixture))
})

it('createTranslation() reads any stream in any pieces to the same message', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.constantFrom(...STREAMS), pieces, (fixture, sizes) => {
      expect(replay(fixture, chop(bytesOf(fixture), sizes))).toEqual(expectedOf(fixture))
    }),
    { numRuns: 500 },
  )
})

it.each(STREAMS.filter(({ error }) => error === null))(
  'createTranslation() never takes a beginning of $file for the whole',
  (fixture) => {
    const bytes = bytesOf(fixture)
    const whole = replay(fixture, [bytes])
    for (let length = 0; length < bytes.length; length += 1) {
      const { reply, error } = replay(fixture, [bytes.subarray(0, length)])
      // Once the finish reason is here no text can be missing; until then it must not look complete.
      if (error === null) expect(reply.parts, `first ${length} bytes`).toEqual(whole.reply.parts)
      else expect(error, `first ${length} bytes`).toBe('truncated')
    }
  },
)

it.each([
  ['counted', COUNTED, false],
  ['not counted', UNCOUNTED, true],
])('createGeminiReader() says of a broken answer whose output was %s whether it is known', (_, stream, estimated) => {
  const { reply } = replay({ format: 'gemini' }, [Buffer.from(stream)])
  expect(reply.usage).toMatchObject({ inputTokens: 8, outputTokens: estimated ? 0 : 4, estimated })
})

function replay(fixture: Pick<StreamFixture, 'format'>, chunks: readonly Uint8Array[]): Replayed {
  const reader = READERS[fixture.format]()
  const translation = createTranslation(reader)
  const failures = createFailures(endpointOf({ format: fixture.format }), 'model')
  const parts: StreamPart[] = []
  let error: ErrorCode | null = null
  try {
    for (const chunk of chunks) translation.take(chunk, parts)
    translation.end(parts)
    if (reader.phase === 'open') error = 'truncated'
  } catch (thrown) {
    error = failures.translate(thrown).code
  }
  reader.close(parts, error === null)
  const reply = mergeDeltas(parts).reduce(fold, EMPTY_REPLY)
  return { reply: { ...reply, parts: withoutMadeIds(reply.parts) }, error }
}

function expectedOf(fixture: StreamFixture): Replayed {
  const { parts, finish, error } = fixture
  return {
    reply: {
      parts,
      usage: usageOf(fixture),
      finish: finish === null ? null : { reason: finish[0], raw: finish[1] },
    },
    error,
  }
}

function bytesOf({ file }: StreamFixture): Uint8Array {
  return readFileSync(new URL(file, FIXTURES))
}

function chop(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let start = 0, index = 0; start < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(bytes.subarray(start, start + size))
    start += size
  }
  return chunks
}
