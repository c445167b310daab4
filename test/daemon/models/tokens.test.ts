import { readFileSync } from 'node:fs'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { estimateTokens } from '../../../daemon/models/token-estimate.ts'
import { createTokenCounter } from '../../../daemon/models/tokens.ts'

const DYING = new URL('./dying-worker.mjs', import.meta.url)
const GPT = 'openai/gpt-5.6-sol'

const ENGLISH = `It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season
of Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing
before us, we were all going direct to Heaven, we were all going direct the other way.`
const CHINESE =
  '人类的全部历史都告诫有智慧的人，不要笃信时运，而应坚信思想。人工智能是计算机科学的一个分支，它企图了解智能的实质，并生产出一种新的能以人类智能相似的方式做出反应的智能机器。'
const JAPANESE =
  '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。'
const KOREAN =
  '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.'
const CODE = ['catalogue.ts', 'models-dev.ts', 'token-worker.ts']
  .map((name) => readFileSync(new URL(`../../../daemon/models/${name}`, import.meta.url), 'utf8'))
  .join('\n')

const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

function workers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
}

afterEach(() => {
  vi.useRealTimers()
})

describe('TokenCounter.count()', () => {
  it('counts with the model’s own tokenizer', async () => {
    using counter = createTokenCounter()
    for (const text of [ENGLISH, CHINESE, CODE]) {
      expect(await counter.count(GPT, text)).toEqual({ tokens: countTokens(text, PLAIN), estimated: false })
    }
    expect(await counter.count('openai/gpt-4-turbo', 'hello world')).toEqual({ tokens: 2, estimated: false })
    expect(await counter.count('openrouter/openai/gpt-4o', 'hello world')).toEqual({ tokens: 2, estimated: false })
  })

  it('says that it estimates where the tokenizer is not known to be the model’s', async () => {
    using counter = createTokenCounter()
    expect(await counter.count('openai/gpt-6.1-sol', 'hello world')).toEqual({ tokens: 2, estimated: true })
    for (const model of [
      'anthropic/claude-sonnet-5-5',
      'gemini/gemini-4-argon',
      'demo/natter',
      'ollama/x',
      'nonsense',
    ]) {
      const count = await counter.count(model, ENGLISH)
      expect(count, model).toEqual({ tokens: counter.estimate(model, ENGLISH), estimated: true })
    }
  })

  it('knows without any tokenizer how many tokens no text has', async () => {
    using counter = createTokenCounter({ workerFile: new URL('file:///nonexistent.mjs') })
    expect(await counter.count(GPT, '')).toEqual({ tokens: 0, estimated: false })
    expect(await counter.count('anthropic/claude-sonnet-5-5', '')).toEqual({ tokens: 0, estimated: false })
  })

  it('takes text that looks like a special token for text', async () => {
    using counter = createTokenCounter()
    const text = '<|endoftext|><|im_start|>system<|im_end|><|fim_prefix|>'
    const { tokens, estimated } = await counter.count(GPT, text)
    expect(estimated).toBe(false)
    expect(tokens).toBeGreaterThan(15)
  })

  it.each([
    ['letters', 'a'.repeat(50_000), 6250],
    ['spaces', ' '.repeat(50_000), 400],
    ['line breaks', '\n'.repeat(50_000), 3125],
    ['marks', '=-'.repeat(25_000), 3125],
    ['Chinese', '漢'.repeat(20_000), 20_000],
    ['emoji', '😀'.repeat(20_000), 20_000],
  ])('counts an unbroken run of %s, which would take the tokenizer its square', async (_what, text, about) => {
    using counter = createTokenCounter()
    const { tokens, estimated } = await counter.count(GPT, text)
    expect(estimated).toBe(false)
    expect(tokens).toBeGreaterThan(about * 0.4)
    expect(tokens).toBeLessThan(about * 1.6)
  })

  it('cuts no character in two', async () => {
    using counter = createTokenCounter()
    const shifted = await counter.count(GPT, `x${'😀'.repeat(3000)}`)
    const straight = await counter.count(GPT, '😀'.repeat(3000))
    expect(Math.abs(shifted.tokens - straight.tokens)).toBeLessThan(8)
  })

  it('counts lone halves of characters and control characters', async () => {
    using counter = createTokenCounter()
    const { tokens, estimated } = await counter.count(GPT, `\ud800 \udc00 \u0000\u001b[31m${'\ud83d'.repeat(5000)}`)
    expect({ estimated, some: tokens > 5 }).toEqual({ estimated: false, some: true })
  })

  it('answers many at once, each with its own', async () => {
    using counter = createTokenCounter()
    const texts = Array.from({ length: 50 }, (_, index) => 'word '.repeat(index + 1))
    const counts = await Promise.all(texts.map((text) => counter.count(GPT, text)))
    expect(counts.map(({ tokens }) => tokens)).toEqual(texts.map((text) => countTokens(text, PLAIN)))
  })
})

describe('createTokenCounter()', () => {
  it('starts another worker when one died, and counts what that one owed', async () => {
    using counter = createTokenCounter({ workerFile: DYING })
    expect(await counter.count(GPT, 'four')).toEqual({ tokens: 4, estimated: false })
    const [dead, threw] = await Promise.all([counter.count(GPT, 'die'), counter.count(GPT, 'throw')])
    expect(dead).toEqual({ tokens: counter.estimate(GPT, 'die'), estimated: true })
    expect(threw.estimated).toBe(true)
    expect(await counter.count(GPT, 'alive')).toEqual({ tokens: 5, estimated: false })
  })

  it('estimates, and starts no more workers, when every one of them dies', async () => {
    using counter = createTokenCounter({ workerFile: new URL('file:///nonexistent/worker.mjs') })
    const counts = await Promise.all(['one', 'two', 'three', 'four'].map((text) => counter.count(GPT, text)))
    expect(counts.every(({ estimated }) => estimated)).toBe(true)
    expect((await counter.count(GPT, 'five')).estimated).toBe(true)
    expect((await counter.count(GPT, 'six')).estimated).toBe(true)
  })

  it('answers with an estimate when it is disposed while the worker counts', async () => {
    const counter = createTokenCounter({ workerFile: DYING })
    const counting = counter.count(GPT, 'hang')
    counter[Symbol.dispose]()
    expect(await counting).toEqual({ tokens: 1, estimated: true })
    expect(await counter.count(GPT, 'hello')).toEqual({ tokens: 1, estimated: true })
    counter[Symbol.dispose]()
  })

  it('ends an idle worker and starts one again when needed', async () => {
    using counter = createTokenCounter({ workerFile: DYING, idleMs: 1 })
    const before = workers()
    expect((await counter.count(GPT, 'four')).tokens).toBe(4)
    await vi.waitUntil(() => workers() <= before, { timeout: 10_000 })
    expect((await counter.count(GPT, 'again')).tokens).toBe(5)
  })
})

describe('TokenCounter.estimate()', () => {
  it.each([
    ['English', ENGLISH],
    ['code', CODE],
    ['Chinese', CHINESE],
    ['Japanese', JAPANESE],
    ['Korean', KOREAN],
    ['mixed', `${ENGLISH}\n\`\`\`ts\n${CODE.slice(0, 800)}\n\`\`\`\n${CHINESE}`],
  ])('is within a quarter of the real count for %s', (_what, text) => {
    using counter = createTokenCounter()
    const real = countTokens(text, PLAIN)
    expect(Math.abs(counter.estimate(GPT, text) / real - 1)).toBeLessThan(0.25)
  })

  it('judges a long text by samples of it', () => {
    const text = `${ENGLISH}\n\n${CODE}\n\n`.repeat(60)
    expect(text.length).toBeGreaterThan(512 * 1024)
    expect(
      Math.abs(estimateTokens(text) / (estimateTokens(text.slice(0, 256 * 1024)) * (text.length / 262_144)) - 1),
    ).toBeLessThan(0.1)
  })

  it('is 0 for no text, whole for any', () => {
    using counter = createTokenCounter()
    expect(counter.estimate(GPT, '')).toBe(0)
    for (const text of [' ', 'a', '\n', '😀', '1', '…', 'ß'])
      expect(Number.isInteger(counter.estimate(GPT, text))).toBe(true)
  })

  it('allows for tokenizers that cut finer', () => {
    using counter = createTokenCounter()
    const [gpt, oldClaude, newClaude] = [GPT, 'anthropic/claude-haiku-4-5', 'anthropic/claude-haiku-5-5'].map((model) =>
      counter.estimate(model, ENGLISH),
    )
    expect(oldClaude).toBeGreaterThan(gpt ?? 0)
    expect(newClaude).toBeGreaterThan(oldClaude ?? 0)
    expect(counter.estimate('openrouter/anthropic/claude-haiku-5.5', ENGLISH)).toBe(newClaude)
  })
})

describe('TokenCounter.calibrate()', () => {
  it('comes near what the provider counts', () => {
    using counter = createTokenCounter()
    const model = 'ollama/strange'
    const actual = counter.estimate(model, ENGLISH) * 2
    for (let reply = 0; reply < 30; reply += 1) counter.calibrate(model, counter.estimate(model, ENGLISH), actual)
    expect(Math.abs(counter.estimate(model, ENGLISH) / actual - 1)).toBeLessThan(0.03)
    expect(counter.estimate('ollama/other', ENGLISH)).toBeLessThan(actual)
  })

  it('is not led astray by one report, nor by short texts or nonsense', () => {
    using counter = createTokenCounter()
    const before = counter.estimate(GPT, ENGLISH)
    counter.calibrate(GPT, 1000, 1_000_000)
    expect(counter.estimate(GPT, ENGLISH)).toBeLessThan(before * 1.5)
    const after = counter.estimate(GPT, ENGLISH)
    for (const [estimated, actual] of [
      [3, 90],
      [1000, 0],
      [1000, Number.NaN],
      [Number.NaN, 5],
      [1000, -4],
    ] as const) {
      counter.calibrate(GPT, estimated, actual)
    }
    expect(counter.estimate(GPT, ENGLISH)).toBe(after)
  })
})
