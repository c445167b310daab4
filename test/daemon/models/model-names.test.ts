import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type NameContext,
  resolveDirectName,
  resolveModelName,
  resolveProviderName,
} from '../../../daemon/models/model-names.ts'
import { NatterError } from '../../../src/protocol/errors.ts'

const CONTEXT: NameContext = {
  providers: ['openai', 'anthropic', 'openrouter', 'groq', 'ollama', 'demo'],
  aliases: {
    fast: 'groq/openai/gpt-oss-120b',
    good: 'opus',
    best: 'good',
    'mine/local': 'ollama/qwen3:8b',
    round: 'about',
    about: 'round',
    self: 'self',
    constructor2: 'x',
  },
  models: [
    'demo/natter',
    'openai/gpt-6.1-sol',
    'openai/gpt-6.1-terra',
    'openai/gpt-6-sol',
    'anthropic/claude-opus-5-5',
    'anthropic/claude-sonnet-5-5',
    'anthropic/claude-haiku-5-5',
    'openrouter/openai/gpt-6.1-sol',
    'openrouter/anthropic/claude-sonnet-5.5',
    'groq/openai/gpt-oss-120b',
    'groq/llama-3.3-70b',
    'ollama/llama-3.3-70b',
    ...Array.from({ length: 12 }, (_, index) => `openrouter/many/model-${index}`),
  ],
}

function refusal(input: string, context = CONTEXT): NatterError {
  try {
    resolveModelName(input, context)
  } catch (error) {
    if (error instanceof NatterError) return error
    throw error
  }
  throw new Error(`"${input}" was accepted`)
}

it.each(['/', '-', '...', '//', 'openai/', '/gpt-6-sol', 'openai//', 'openai/-', 'openai/gpt-6-sol/'])(
  'resolveModelName() refuses "%s", which names no model',
  (input) => {
    const { code, hint } = refusal(input)
    expect({ code, hint }).toEqual({ code: 'model-not-found', hint: expect.stringContaining('natter models') })
    expect(resolveDirectName(input, CONTEXT)).toBeNull()
  },
)

it.each([
  ['openai/gpt-6-sol', 'openai/gpt-6-sol'],
  ['openrouter/openai/gpt-6.1-sol', 'openrouter/openai/gpt-6.1-sol'],
  ['openai/brand-new', 'openai/brand-new'],
  ['ollama/hf.co/some/model:Q4', 'ollama/hf.co/some/model:Q4'],
  [' openai/gpt-6-sol\n', 'openai/gpt-6-sol'],
  ['fast', 'groq/openai/gpt-oss-120b'],
  ['mine/local', 'ollama/qwen3:8b'],
  ['best', 'anthropic/claude-opus-5-5'],
  ['natter', 'demo/natter'],
  ['gpt-6.1-sol', 'openai/gpt-6.1-sol'],
  ['GPT-6.1-SOL', 'openai/gpt-6.1-sol'],
  ['haiku', 'anthropic/claude-haiku-5-5'],
  ['oss', 'groq/openai/gpt-oss-120b'],
  ['many/model-7', 'openrouter/many/model-7'],
  ['many/model-11', 'openrouter/many/model-11'],
])('resolveModelName() takes %j for %j', (input, model) => {
  expect(resolveModelName(input, CONTEXT)).toBe(model)
})

it('resolveModelName() prefers a provider’s name over an alias, and an alias over a part', () => {
  const aliases = { 'openai/gpt-6-sol': 'demo/natter', haiku: 'openai/gpt-6-sol' }
  expect(resolveModelName('openai/gpt-6-sol', { ...CONTEXT, aliases })).toBe('openai/gpt-6-sol')
  expect(resolveModelName('haiku', { ...CONTEXT, aliases })).toBe('openai/gpt-6-sol')
})

it('resolveModelName() prefers a whole name over a name that holds it', () => {
  const models = ['openai/gpt-5-mini', 'openai/gpt-5', 'openai/gpt-5-nano']
  expect(resolveModelName('gpt-5', { ...CONTEXT, models })).toBe('openai/gpt-5')
})

it('resolveModelName() lists what an ambiguous name may mean', () => {
  const error = refusal('llama-3.3-70b')
  expect(error.code).toBe('ambiguous')
  expect(error.message).toBe(
    'Cannot use model "llama-3.3-70b": it fits 2 models: groq/llama-3.3-70b, ollama/llama-3.3-70b',
  )
  expect(error.hint).toBe('Name one of them in full')
})

it('resolveModelName() lists at most eight candidates and says how many more there are', () => {
  const { message } = refusal('many')
  expect(message).toContain('it fits 12 models')
  expect(message.match(/openrouter\/many/g)).toHaveLength(8)
  expect(message).toMatch(/ and 4 more$/)
})

it('resolveModelName() suggests near names for an unknown one', () => {
  const error = refusal('claude-sonet-5-5')
  expect(error.code).toBe('model-not-found')
  expect(error.hint).toMatch(/^Did you mean anthropic\/claude-sonnet-5-5\b/)
  expect(refusal('zzzzzzzzzzzz').message).toBe('Cannot use model "zzzzzzzzzzzz": no known model has that in its name')
  expect(refusal('zzzzzzzzzzzz').hint).toBe('Run "natter models" to see all, or write provider/model')
})

it('resolveModelName() says when it is the provider that is unknown', () => {
  expect(refusal('opnai/gpt-6-sol')).toMatchObject({
    code: 'model-not-found',
    message:
      'Cannot use model "opnai/gpt-6-sol": there is no provider "opnai", and no known model has that in its name',
    hint: expect.stringContaining('openai/gpt-6-sol'),
  })
})

it.each(['', '  ', '\t\n'])('resolveModelName() refuses the empty name %j', (input) => {
  expect(refusal(input).code).toBe('invalid-request')
})

it('resolveModelName() refuses aliases that lead to each other, and ignores one that names itself', () => {
  expect(refusal('round').message).toContain('its aliases lead to each other')
  expect(refusal('self').code).toBe('model-not-found')
})

it.each(['openai/', '/', '/openai', 'constructor', '__proto__', 'toString'])(
  'resolveModelName() does not take %j for a model',
  (input) => {
    expect(['model-not-found', 'ambiguous']).toContain(refusal(input).code)
  },
)

it('resolveDirectName() resolves what needs no list, and leaves the rest', () => {
  expect(resolveDirectName('openai/x', CONTEXT)).toBe('openai/x')
  expect(resolveDirectName('fast', CONTEXT)).toBe('groq/openai/gpt-oss-120b')
  expect(resolveDirectName('haiku', CONTEXT)).toBeNull()
  expect(resolveDirectName('good', CONTEXT)).toBeNull()
})

it('resolveProviderName() knows a provider alone, also by an alias, and nothing that only begins like one', () => {
  const context = { ...CONTEXT, aliases: { work: 'openai', groq: 'demo/natter' } }
  expect(['openai', ' OpenAI\n', 'work'].map((name) => resolveProviderName(name, context))).toEqual(
    Array.from({ length: 3 }, () => 'openai'),
  )
  expect(['open', 'openai/', 'groq', 'haiku', ''].map((name) => resolveProviderName(name, context))).toEqual(
    Array.from({ length: 5 }, () => null),
  )
})

it('resolveModelName() gives a name of a known provider, or a NatterError, for any input', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('gpt', 'a', 'model-1', 'sonnet', 'open', '-')), (input) => {
      try {
        const name = resolveModelName(input, CONTEXT)
        expect(CONTEXT.providers).toContain(name.slice(0, name.indexOf('/')))
      } catch (error) {
        expect(error).toBeInstanceOf(NatterError)
      }
    }),
  )
})
