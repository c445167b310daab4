// Models that the price package does not know yet, from the vendors' own pages; and what each provider is asked by default.

import { createSource, type Entry, type Source } from './catalogue-entry.ts'
import { book, flat, type PriceBook, type Rate } from './prices.ts'

/** Asked where a provider has a key and nobody names a model: the vendor's middle of price and ability. */
export const DEFAULT_MODELS: { readonly [provider: string]: string } = {
  openai: 'gpt-6.1-sol',
  anthropic: 'claude-sonnet-5-5',
  gemini: 'gemini-3.8-flash',
  openrouter: 'anthropic/claude-sonnet-5.5',
  groq: 'openai/gpt-oss-120b',
  mistral: 'mistral-medium-latest',
  deepseek: 'deepseek-v4-flash',
  xai: 'grok-4.6',
  demo: 'natter',
}

/** In input, cached input, cache write and output, US dollars per million tokens. */
type Card = readonly [input: number, cachedInput: number, cacheWrite: number | null, output: number]

/** One price for every length of prompt. */
function card([input, cachedInput, cacheWrite, output]: Card): PriceBook {
  return book({
    input: flat(input),
    cachedInput: flat(cachedInput),
    cacheWrite: cacheWrite === null ? null : flat(cacheWrite),
    output: flat(output),
  })
}

/** Another card for the whole call where the prompt is longer than `above` tokens. */
function tieredCard(base: Card, above: number, long: Card): PriceBook {
  const rate = (column: 0 | 1 | 2 | 3): Rate | null => {
    const [short, price] = [base[column], long[column]]
    return short === null || price === null ? null : { base: short, tiers: [{ above, price }] }
  }
  return book({ input: rate(0), cachedInput: rate(1), cacheWrite: rate(2), output: rate(3) ?? flat(base[3]) })
}

/** One card until a day, another from that day on. */
function changingCard(now: Card, from: string, then: Card): PriceBook {
  const later = card(then).periods.map((period) => ({ ...period, from }))
  return { periods: [...card(now).periods, ...later], byModality: false }
}

const images = (prices: PriceBook): PriceBook => ({ ...prices, byModality: true })

const gemini4Prices = changingCard([2, 0.1, null, 10], '2026-12-01', [4, 0.2, null, 20])
const gptImagePrices = images(card([5, 1.25, null, 30]))
const gpt6Limits = { contextTokens: 1_050_000, outputTokens: 128_000 }
const claude5Limits = { contextTokens: 1_000_000, outputTokens: 128_000 }
const gemini4Limits = { contextTokens: 1_048_576, outputTokens: 65_536 }

/** The day to which this table is known. */
export const OWN_DATE = '2026-11-22'

/** A model without `prices` has none that we could find, or a good one in the package. */
const ENTRIES: readonly Entry[] = [
  {
    provider: 'demo',
    id: 'natter',
    name: 'Demo (no AI)',
    contextTokens: 100_000,
    outputTokens: 10_000,
    input: ['text'],
    output: ['text'],
    reasoning: false,
  },
  // developers.openai.com/api/docs/models/gpt-6.1-sol and gpt-6.1-terra
  {
    provider: 'openai',
    id: 'gpt-6.1-terra',
    name: 'GPT-6.1 Terra',
    released: '2026-10-26',
    ...gpt6Limits,
    prices: tieredCard([1, 0.05, 1.25, 5], 272_000, [2, 0.1, 2.5, 7.5]),
  },
  {
    provider: 'openai',
    id: 'gpt-6.1-sol',
    name: 'GPT-6.1 Sol',
    released: '2026-09-29',
    ...gpt6Limits,
    prices: tieredCard([2, 0.1, 2.5, 10], 272_000, [4, 0.2, 5, 15]),
  },
  { provider: 'openai', id: 'gpt-6-sol', name: 'GPT-6 Sol', released: '2026-09-22', ...gpt6Limits },
  { provider: 'openai', id: 'gpt-6-luna', name: 'GPT-6 Luna', released: '2026-09-22', ...gpt6Limits },
  { provider: 'openai', id: 'gpt-6-astra', name: 'GPT-6 Astra', ...gpt6Limits },
  { provider: 'openai', id: 'gpt-6-cyber', name: 'GPT-6 Cyber' },
  { provider: 'openai', id: 'gpt-6-rosalind', name: 'GPT-6 Rosalind' },
  // developers.openai.com/api/docs/models/gpt-image-2.6-sunburst: image input costs more than the text input named here.
  { provider: 'openai', id: 'gpt-image-2.6-sunburst', name: 'GPT-Image-2.6 Sunburst', prices: gptImagePrices },
  { provider: 'openai', id: 'gpt-image-2.6-flare', name: 'GPT-Image-2.6 Flare' },
  { provider: 'openai', id: 'gpt-image-2.5-sunburst', name: 'GPT-Image-2.5 Sunburst', released: '2026-09-08' },
  { provider: 'openai', id: 'gpt-image-2.5-flare', name: 'GPT-Image-2.5 Flare', released: '2026-09-08' },
  { provider: 'openai', id: 'chatgpt-image-latest', name: 'ChatGPT Image', output: ['image'] },
  // platform.claude.com/docs/en/about-claude/pricing; cache writes at the 5-minute price.
  {
    provider: 'anthropic',
    id: 'claude-fable-5-2',
    name: 'Claude Fable 5.2',
    released: '2026-11-09',
    ...claude5Limits,
    prices: card([8, 0.2, 10, 40]),
  },
  { provider: 'anthropic', id: 'claude-mythos-5-2', name: 'Claude Mythos 5.2', ...claude5Limits },
  {
    provider: 'anthropic',
    id: 'claude-haiku-5-5',
    name: 'Claude Haiku 5.5',
    released: '2026-10-07',
    ...claude5Limits,
    prices: tieredCard([0.1, 0.01, 0.125, 0.5], 100_000, [0.5, 0.05, 0.625, 2.5]),
  },
  {
    provider: 'anthropic',
    id: 'claude-sonnet-5-5',
    name: 'Claude Sonnet 5.5',
    released: '2026-09-28',
    ...claude5Limits,
    prices: card([2, 0.1, 2.5, 10]),
  },
  { provider: 'anthropic', id: 'claude-opus-5-5', name: 'Claude Opus 5.5', ...claude5Limits },
  // ai.google.dev/gemini-api/docs/pricing: the price of the introduction ends with November 2026.
  {
    provider: 'gemini',
    id: 'gemini-4-carbon',
    name: 'Gemini 4 Carbon',
    released: '2026-11-10',
    ...gemini4Limits,
    prices: gemini4Prices,
  },
  {
    provider: 'gemini',
    id: 'gemini-4-argon',
    name: 'Gemini 4 Argon',
    released: '2026-09-30',
    ...gemini4Limits,
    prices: gemini4Prices,
  },
  {
    provider: 'gemini',
    id: 'gemini-nano-banana-2.1',
    name: 'Nano Banana 2.1',
    released: '2026-10',
    input: ['text', 'image'],
    output: ['text', 'image'],
    prices: images(book({ input: flat(1.5), output: flat(7.5), cachedInput: null, cacheWrite: null })),
  },
  { provider: 'openrouter', id: 'anthropic/claude-sonnet-5.5', name: 'Claude Sonnet 5.5', contextTokens: 1_000_000 },
]

export const OWN_MODELS: Source = createSource(ENTRIES)
