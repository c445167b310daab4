import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EMPTY_REPLY, fold, mergeDeltas, type StreamPart, textOf } from '../../../src/protocol/stream.ts'

const delta = fc.record({
  type: fc.constantFrom('text-delta' as const, 'reasoning-delta' as const),
  text: fc.string({ unit: 'grapheme', maxLength: 8 }),
})
const other = fc.constantFrom<StreamPart>(
  { type: 'finish', reason: 'stop', raw: 'end_turn' },
  {
    type: 'usage',
    usage: {
      inputTokens: 1,
      outputTokens: 2,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      estimated: false,
    },
  },
)
const parts = fc.array(fc.oneof({ weight: 9, arbitrary: delta }, { weight: 1, arbitrary: other }), { maxLength: 60 })

it('fold() gives the same message however the deltas were cut or merged', () => {
  fc.assert(
    fc.property(parts, fc.nat(), (stream, seed) => {
      const whole = stream.reduce(fold, EMPTY_REPLY)
      expect(mergeDeltas(stream).reduce(fold, EMPTY_REPLY)).toEqual(whole)
      expect(cut(stream, seed).reduce(fold, EMPTY_REPLY)).toEqual(whole)
    }),
  )
})

it('fold() changes nothing of what it was given', () => {
  const before = fold(EMPTY_REPLY, { type: 'text-delta', text: 'a' })
  const after = fold(before, { type: 'text-delta', text: 'b' })
  expect([textOf(before.parts), textOf(after.parts)]).toEqual(['a', 'ab'])
})

it('fold() keeps reasoning and text apart, in the order they came', () => {
  const stream: StreamPart[] = [
    { type: 'reasoning-delta', text: 'hm' },
    { type: 'text-delta', text: 'a' },
    { type: 'reasoning-delta', text: 'oh' },
    { type: 'text-delta', text: 'b' },
  ]
  const { parts: folded } = stream.reduce(fold, EMPTY_REPLY)
  expect(folded.map((part) => `${part.type}:${part.text}`)).toEqual([
    'reasoning:hm',
    'text:a',
    'reasoning:oh',
    'text:b',
  ])
  expect(textOf(folded)).toBe('ab')
})

it('mergeDeltas() leaves no two neighbours of a kind', () => {
  fc.assert(
    fc.property(parts, (stream) => {
      const merged = mergeDeltas(stream)
      for (const [index, part] of merged.entries()) {
        if (index > 0 && part.type.endsWith('-delta')) expect(merged[index - 1]?.type).not.toBe(part.type)
      }
    }),
  )
})

/** Each delta in two, somewhere between two code units. */
function cut(stream: readonly StreamPart[], seed: number): readonly StreamPart[] {
  return stream.flatMap((part): StreamPart[] => {
    if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') return [part]
    const at = part.text.length === 0 ? 0 : seed % (part.text.length + 1)
    return [
      { type: part.type, text: part.text.slice(0, at) },
      { type: part.type, text: part.text.slice(at) },
    ]
  })
}
