import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCatalogue } from '../../../daemon/models/catalogue.ts'
import { costOf, flat, type Rates } from '../../../daemon/models/prices.ts'
import { SHIPPED_PRICES } from '../../../daemon/models/shipped-prices.ts'
import type { Usage } from '../../../src/protocol/stream.ts'

const NOVEMBER = new Date('2026-11-22T12:00:00Z')

function usage(counts: Partial<Usage>): Usage {
  return {
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    estimated: false,
    ...counts,
  }
}

function cost(model: string, counts: Partial<Usage>, at = NOVEMBER): Promise<number | null> {
  const isLocal = (provider: string) => provider === 'ollama'
  return openCatalogue({ file: '/nonexistent/models.json', now: () => at, isLocal }).cost(model, usage(counts))
}

describe('Catalogue.cost() against sums made by hand', () => {
  it('charges OpenAI: $2 in, $0.10 cached, $2.50 written, $10 out (developers.openai.com, gpt-6.1-sol)', async () => {
    // 6,000 × 2 + 3,000 × 0.10 + 1,000 × 2.50 + 500 × 10
    const counts = { inputTokens: 10_000, cachedInputTokens: 3000, cacheWriteTokens: 1000, outputTokens: 500 }
    expect(await cost('openai/gpt-6.1-sol', counts)).toBe(12_000 + 300 + 2500 + 5000)
  })

  it('does not charge reasoning twice: it is part of the output', async () => {
    const counts = { inputTokens: 100, outputTokens: 1000, reasoningTokens: 900 }
    expect(await cost('openai/gpt-6.1-sol', counts)).toBe(200 + 10_000)
  })

  it('charges the whole OpenAI call by the long card above 272,000 input tokens, and not at 272,000', async () => {
    // developers.openai.com: "more than 272K input tokens are priced at 2x input and cache rates and 1.5x output"
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: 272_000, outputTokens: 1000 })).toBe(544_000 + 10_000)
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: 272_001, outputTokens: 1000 })).toBe(1_088_004 + 15_000)
    const cached = { inputTokens: 300_000, cachedInputTokens: 299_000, outputTokens: 1000 }
    expect(await cost('openai/gpt-6.1-sol', cached)).toBe(4000 + 59_800 + 15_000)
  })

  it('counts cached tokens into the size that chooses the tier', async () => {
    const counts = { inputTokens: 272_001, cachedInputTokens: 272_000 }
    expect(await cost('openai/gpt-6.1-sol', counts)).toBe(4 + 54_400)
  })

  it('charges Anthropic: $4 in, 5 % for cache reads, 1.25 times for writes (platform.claude.com, Opus 5.5)', async () => {
    // 1,000 × 4 + 20,000 × 0.20 + 5,000 × 5 + 800 × 20
    const counts = { inputTokens: 26_000, cachedInputTokens: 20_000, cacheWriteTokens: 5000, outputTokens: 800 }
    expect(await cost('anthropic/claude-opus-5-5', counts)).toBe(4000 + 4000 + 25_000 + 16_000)
  })

  it('charges Claude Haiku 5.5 by its second card above 100,000 tokens (platform.claude.com, Haiku 5.5)', async () => {
    expect(await cost('anthropic/claude-haiku-5-5', { inputTokens: 100_000, outputTokens: 1000 })).toBe(10_000 + 500)
    expect(await cost('anthropic/claude-haiku-5-5', { inputTokens: 100_001, outputTokens: 1000 })).toBe(50_001 + 2500)
  })

  it('does not give a new model the price of the older one whose name it begins with', async () => {
    // Sonnet 5 reads its cache at $0.20, Sonnet 5.5 at $0.10.
    const counts = { inputTokens: 1_000_000, cachedInputTokens: 1_000_000 }
    expect(await cost('anthropic/claude-sonnet-5', counts)).toBe(200_000)
    expect(await cost('anthropic/claude-sonnet-5-5', counts)).toBe(100_000)
    expect(await cost('anthropic/claude-sonnet-5-7', counts)).toBeNull()
  })

  it('charges Gemini: $0.75 in, $0.075 cached, $3.75 out for gemini-3.8-flash (genai-prices 2026-09)', async () => {
    const counts = { inputTokens: 8000, cachedInputTokens: 4000, outputTokens: 1200, reasoningTokens: 1000 }
    expect(await cost('gemini/gemini-3.8-flash', counts)).toBe(3000 + 300 + 4500)
  })

  it('follows announced changes: Gemini 4 doubles on 2026-12-01 UTC (ai.google.dev)', async () => {
    const counts = { inputTokens: 1000, outputTokens: 100 }
    expect(await cost('gemini/gemini-4-argon', counts, new Date('2026-11-30T23:59:59Z'))).toBe(2000 + 1000)
    expect(await cost('gemini/gemini-4-argon', counts, new Date('2026-12-01T00:00:00Z'))).toBe(4000 + 2000)
    expect(await cost('gemini/gemini-3.8-flash', counts, new Date('2027-01-01T00:00:00Z'))).toBe(1500 + 750)
  })

  it('follows the hours of DeepSeek: $0.22 in, twice that from 01:00 to 04:00 UTC (genai-prices 2026-09)', async () => {
    const counts = { inputTokens: 100_000, outputTokens: 10_000 }
    expect(await cost('deepseek/deepseek-v4-flash', counts, new Date('2026-11-22T00:59:59Z'))).toBe(22_000 + 6600)
    expect(await cost('deepseek/deepseek-v4-flash', counts, new Date('2026-11-22T01:00:00Z'))).toBe(44_000 + 13_200)
    expect(await cost('deepseek/deepseek-v4-flash', counts, new Date('2026-11-22T04:00:00Z'))).toBe(22_000 + 6600)
  })

  it('charges xAI, Groq and Mistral (genai-prices 2026-09)', async () => {
    const counts = { inputTokens: 10_000, cachedInputTokens: 5000, outputTokens: 1000 }
    expect(await cost('xai/grok-4.6', counts)).toBe(10_000 + 2500 + 6000)
    expect(await cost('groq/openai/gpt-oss-120b', counts)).toBe(750 + 375 + 600)
    expect(await cost('mistral/mistral-medium-latest', counts)).toBe(7500 + 750 + 7500)
  })
})

describe('Catalogue.cost()', () => {
  it('is null for a model nobody knows, never 0', async () => {
    expect(await cost('openai/gpt-99', { inputTokens: 10 })).toBeNull()
    expect(await cost('nobody/gpt-6-sol', { inputTokens: 10 })).toBeNull()
    expect(await cost('gpt-6-sol', { inputTokens: 10 })).toBeNull()
    expect(await cost('openai/gpt-6-cyber', { inputTokens: 10 })).toBeNull()
    expect(await cost('anthropic/claude-mythos-5-2', { outputTokens: 1 })).toBeNull()
  })

  it('is null only where an unknown price is needed', async () => {
    expect(await cost('gemini/gemini-4-argon', { inputTokens: 1000, cacheWriteTokens: 0 })).toBe(2000)
    expect(await cost('gemini/gemini-4-argon', { inputTokens: 1000, cacheWriteTokens: 1 })).toBeNull()
  })

  it('is null where pictures are priced apart, since tokens alone do not tell the cost', async () => {
    expect(await cost('gemini/gemini-2.5-flash-image', { inputTokens: 10, outputTokens: 1290 })).toBeNull()
    expect(await cost('openai/gpt-image-2.6-sunburst', { inputTokens: 10, outputTokens: 10 })).toBeNull()
  })

  it('is a known 0 for the demo, for servers of one’s own and for what OpenRouter gives away', async () => {
    expect(await cost('demo/natter', { inputTokens: 10, outputTokens: 10 })).toBe(0)
    expect(await cost('ollama/llama3:8b', { inputTokens: 10, outputTokens: 10 })).toBe(0)
    expect(await cost('openrouter/deepseek-chat-v3-0324:free', { inputTokens: 10, outputTokens: 10 })).toBe(0)
  })

  it('takes a dated snapshot for the model', async () => {
    const counts = { inputTokens: 1000 }
    expect(await cost('openai/gpt-6.1-sol-2026-09-29', counts)).toBe(2000)
    expect(await cost('anthropic/claude-haiku-5-5-20261007', counts)).toBe(100)
    expect(await cost('anthropic/claude-sonnet-5@20260601', counts)).toBe(2000)
  })

  it('is null for counts that are no counts, and survives more cached tokens than input', async () => {
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: Number.NaN })).toBeNull()
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: -5 })).toBeNull()
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: 1.5 })).toBeNull()
    expect(await cost('openai/gpt-6.1-sol', { inputTokens: 10, cachedInputTokens: 1000 })).toBe(100)
  })

  it('agrees with the package on every model of its that has a price', async () => {
    const catalogue = openCatalogue({ file: '/nonexistent/models.json', now: () => NOVEMBER })
    const vendors = { openai: 'openai', anthropic: 'anthropic', gemini: 'google', mistral: 'mistral', xai: 'x-ai' }
    const own = new Set(['claude-opus-5-5'])
    const models = Object.entries(vendors).flatMap(([provider, vendor]) =>
      (findProvider({ providerId: vendor })?.models ?? []).map(({ id }) => ({ provider, vendor, id })),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...models.filter(({ id }) => !own.has(id))),
        fc.nat(400_000),
        fc.nat(100_000),
        fc.nat(100_000),
        fc.nat(200_000),
        async ({ provider, vendor, id }, plain, cached, written, output) => {
          const input = plain + cached + written
          const counts = { inputTokens: input, cachedInputTokens: cached, cacheWriteTokens: written }
          const ours = await catalogue.cost(`${provider}/${id}`, usage({ ...counts, outputTokens: output }))
          if (ours === null) return
          const tokens = { input_tokens: input, cache_read_tokens: cached, cache_write_tokens: written }
          const theirs = calcPrice({ ...tokens, output_tokens: output }, id, {
            providerId: vendor,
            timestamp: NOVEMBER,
          })
          expect(Math.abs(ours - (theirs?.total_price ?? Number.NaN) * 1e6)).toBeLessThanOrEqual(0.51)
        },
      ),
      { numRuns: 400 },
    )
  })
})

it('costOf() rounds once, at the end', () => {
  const rates: Rates = { input: flat(0.4), output: flat(0.4), cachedInput: flat(0.4), cacheWrite: null }
  expect(costOf(rates, usage({ inputTokens: 2, cachedInputTokens: 1, outputTokens: 1 }))).toBe(1)
})

it('SHIPPED_PRICES names the version that is installed, so that its date is true', () => {
  const main = fileURLToPath(import.meta.resolve('@pydantic/genai-prices'))
  const { version } = JSON.parse(readFileSync(`${main.slice(0, main.indexOf('/dist/'))}/package.json`, 'utf8'))
  expect(SHIPPED_PRICES.version).toBe(version)
})
