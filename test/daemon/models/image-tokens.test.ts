// What pictures cost, by the examples of those who count.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { imageTokens } from '../../../daemon/models/image-tokens.ts'

type Detail = Parameters<typeof imageTokens>[2]

it.each<readonly [string, number, number, Detail, number]>([
  // developers.openai.com/api/docs/guides/images-vision
  ['openai/gpt-4o', 1024, 1024, 'high', 765],
  ['openai/gpt-4o', 2048, 4096, 'high', 1105],
  ['openai/gpt-4o', 4096, 8192, 'low', 85],
  ['openai/gpt-4o-mini', 512, 512, null, 8500],
  ['openai/gpt-5', 1024, 1024, null, 630],
  ['openai/o3', 512, 512, null, 225],
  ['openai/gpt-4.1-mini', 1024, 1024, null, 1659],
  ['openai/gpt-5.4-nano', 1024, 1024, null, 2520],
  ['openai/gpt-5.4', 1024, 1024, 'low', 256],
  ['openai/gpt-6-sol', 1024, 1024, null, 1024],
  ['openai/gpt-6-sol', 4096, 4096, null, 16_384],
  ['openrouter/openai/gpt-6-sol', 1024, 1024, 'low', 256],
  // platform.claude.com/docs/en/build-with-claude/vision
  ['anthropic/claude-sonnet-4-5', 200, 200, null, 64],
  ['anthropic/claude-sonnet-4-5', 1000, 1000, null, 1296],
  ['anthropic/claude-opus-5-5', 1000, 1000, null, 1296],
  // ai.google.dev/gemini-api/docs/media-resolution and /tokens
  ['gemini/gemini-3.8-flash', 4000, 3000, null, 1120],
  ['gemini/gemini-3.8-flash', 10, 10, 'low', 280],
  ['gemini/gemini-2.5-flash', 384, 300, null, 258],
  ['gemini/gemini-2.5-flash', 960, 540, null, 1548],
  ['ollama/llava', 10, 10, null, 1200],
])('imageTokens() of %s counts %dx%d %s as %d', (model, width, height, detail, tokens) => {
  expect(imageTokens(model, { width, height }, detail)).toBe(tokens)
})

it.each<readonly [string, Detail, number]>([
  ['anthropic/claude-sonnet-4-5', null, 1568],
  ['anthropic/claude-opus-4-8', null, 4784],
  ['openai/gpt-5.5', null, 10_000],
  ['openai/gpt-5.4', null, 2500],
  ['openai/gpt-5.4', 'original', 10_000],
  ['openai/gpt-6-sol', 'high', 2500],
  ['openai/gpt-4.1-mini', null, Math.ceil(1536 * 1.62)],
])('imageTokens() of %s %s never counts more than the server keeps', (model, detail, most) => {
  const side = fc.integer({ min: 1, max: 30_000 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const tokens = imageTokens(model, { width, height }, detail)
      expect(tokens).toBeGreaterThan(0)
      expect(tokens).toBeLessThanOrEqual(most)
    }),
  )
  // A large square uses nearly all of it.
  expect(imageTokens(model, { width: 9000, height: 9000 }, detail)).toBeGreaterThan(most * 0.9)
})

it('imageTokens() assumes a large picture where nothing is known of it', () => {
  expect(imageTokens('openai/gpt-6-sol', null, null)).toBe(4096)
  expect(imageTokens('anthropic/claude-sonnet-4-5', null, null)).toBeGreaterThan(1500)
})
