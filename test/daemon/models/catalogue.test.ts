import { expect, it } from 'vitest'
import { openCatalogue } from '../../../daemon/models/catalogue.ts'
import { VENDORS } from '../../../daemon/models/vendors.ts'

const FILE = '/nonexistent/models.json'

it('Catalogue.get() knows limits, prices and modalities', async () => {
  expect(await openCatalogue({ file: FILE }).get('anthropic/claude-sonnet-5-5')).toEqual({
    model: 'anthropic/claude-sonnet-5-5',
    provider: 'anthropic',
    name: 'Claude Sonnet 5.5',
    contextTokens: 1_000_000,
    outputTokens: 128_000,
    inputPrice: 2,
    outputPrice: 10,
    cachedInputPrice: 0.1,
    input: ['text', 'image', 'pdf'],
    output: ['text'],
    reasoning: true,
  })
})

it('Catalogue.get() answers null for what nobody knows and for what is no name', async () => {
  const catalogue = openCatalogue({ file: FILE })
  for (const name of [
    'openai/gpt-99',
    'nobody/x',
    'gpt-6-sol',
    '',
    '/',
    'openai/',
    '/gpt-6-sol',
    '__proto__/toString',
  ]) {
    expect(await catalogue.get(name), name).toBeNull()
  }
})

it('Catalogue.get() describes any model of a server of one’s own, at a price of 0', async () => {
  const found = await openCatalogue({ file: FILE, isLocal: (name) => name === 'box' }).get('box/gemma-4-27b')
  expect(found).toMatchObject({ model: 'box/gemma-4-27b', inputPrice: 0, outputPrice: 0, contextTokens: null })
})

it('Catalogue.get() takes a dated snapshot for its model', async () => {
  const catalogue = openCatalogue({ file: FILE })
  expect((await catalogue.get('openai/gpt-5-2025-08-07'))?.model).toBe('openai/gpt-5')
  expect((await catalogue.get('openai/gpt-6.1-sol-2026-09-29'))?.model).toBe('openai/gpt-6.1-sol')
  expect((await catalogue.get('anthropic/claude-opus-4-5-20251101'))?.model).toBe('anthropic/claude-opus-4-5')
})

it('Catalogue.list() offers chat models, the newest first, and none that is shut down', async () => {
  const models = (await openCatalogue({ file: FILE }).list()).map(({ model }) => model)
  expect(new Set(models).size).toBe(models.length)
  expect(models.indexOf('openai/gpt-6.1-sol')).toBeLessThan(models.indexOf('openai/gpt-5.6-sol'))
  expect(models.indexOf('anthropic/claude-haiku-5-5')).toBeLessThan(models.indexOf('anthropic/claude-haiku-4-5'))
  expect(models.indexOf('gemini/gemini-4-carbon')).toBeLessThan(models.indexOf('gemini/gemini-2.5-pro'))
  expect(models).toContain('demo/natter')
  for (const gone of ['gpt-3.5-turbo', 'gpt-4-turbo', 'whisper-1', 'text-embedding-3-small', 'o1', 'gpt-image-1']) {
    expect(models).not.toContain(`openai/${gone}`)
  }
  expect(models.filter((model) => model.startsWith('gemini/claude'))).toEqual([])
})

it('Catalogue.list() offers no model under a name that cannot be looked up again', async () => {
  const catalogue = openCatalogue({ file: FILE })
  for (const { model } of await catalogue.list()) expect((await catalogue.get(model))?.model, model).toBe(model)
})

it('Catalogue.defaultModel() names a known model for every provider with a key, and null for others', async () => {
  const catalogue = openCatalogue({ file: FILE })
  for (const provider of [...Object.keys(VENDORS), 'demo']) {
    const model = catalogue.defaultModel(provider)
    expect(model?.startsWith(`${provider}/`)).toBe(true)
    expect(await catalogue.get(model ?? ''), provider).not.toBeNull()
  }
  expect(catalogue.defaultModel('demo')).toBe('demo/natter')
  expect(catalogue.defaultModel('my-server')).toBeNull()
  expect(catalogue.defaultModel('__proto__')).toBeNull()
})

it('Catalogue lets the user’s config win, also for models nobody knows', async () => {
  const overrides = {
    'openai/gpt-6.1-sol': { inputPrice: 1, contextTokens: 50_000 },
    'openai/gpt-6-sol': { inputPrice: null },
    'box/big': { inputPrice: 3, outputPrice: 6, outputTokens: 4096 },
  }
  const catalogue = openCatalogue({ file: FILE, overrides: () => overrides })
  expect(await catalogue.get('openai/gpt-6.1-sol')).toMatchObject({
    inputPrice: 1,
    outputPrice: 10,
    contextTokens: 50_000,
    outputTokens: 128_000,
  })
  const call = { inputTokens: 300_000, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 }
  const usage = { ...call, reasoningTokens: 0, estimated: false }
  expect(await catalogue.cost('openai/gpt-6.1-sol', usage)).toBe(300_000)
  expect(await catalogue.cost('openai/gpt-6-sol', usage)).toBeNull()
  expect(await catalogue.cost('box/big', { ...usage, inputTokens: 10, cacheWriteTokens: 5, outputTokens: 2 })).toBe(42)
  expect(await catalogue.cost('box/big', { ...usage, cachedInputTokens: 5 })).toBeNull()
  expect((await catalogue.list()).map(({ model }) => model)).toContain('box/big')
})

it('Catalogue.pricesDate() is the day of the shipped prices while nothing newer was fetched', async () => {
  expect(await openCatalogue({ file: FILE }).pricesDate()).toBe('2026-09-22')
})
