import { expect, it } from 'vitest'
import type { EmbeddingAnswer, ImageAnswer, Provider } from '../../../daemon/providers/provider.ts'
import { createSingleCalls } from '../../../daemon/turn/single-calls.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import type { Usage } from '../../../src/protocol/stream.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'

const OWNER = { deviceId: null, maxCostMicros: null }
const signal = new AbortController().signal
const EMBED = { model: 'ollama/m', input: ['one', 'three'], dimensions: null }
const DRAW = {
  model: 'ollama/m',
  prompt: 'an otter',
  count: 1,
  size: null,
  quality: null,
  background: null,
  format: null,
}

function usage(inputTokens: number, outputTokens = 0): Usage {
  const none = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
  return { inputTokens, outputTokens, ...none, estimated: false }
}

interface Answers {
  readonly embed?: readonly (() => Promise<EmbeddingAnswer>)[]
  readonly draw?: readonly (() => Promise<ImageAnswer>)[]
}

/** Rooms whose provider gives these answers one after the other. */
function withAnswers(test: TestRooms, { embed = [], draw = [] }: Answers) {
  const left = { embed: [...embed], draw: [...draw] }
  const asked: string[] = []
  const provider = (): Provider => ({
    ...test.rooms.providers.provider({} as Parameters<typeof test.rooms.providers.provider>[0]),
    embed: ({ model }) => next(model, left.embed),
    drawImages: ({ model }) => next(model, left.draw),
  })
  return { asked, calls: createSingleCalls({ ...test.rooms, providers: { ...test.rooms.providers, provider } }) }

  function next<Answer>(model: string, answers: (() => Promise<Answer>)[]): Promise<Answer> {
    asked.push(model)
    return answers.shift()?.() ?? Promise.reject(new TypeError('No answer left'))
  }
}

function fails(code: 'overloaded' | 'invalid-request' | 'rate-limited') {
  return () => Promise.reject(new NatterError(code, 'no', { retryAfterMs: 1 }))
}

const vectors = { vectors: [[1], [2]], usage: usage(7) }

async function ledgerOf(test: TestRooms) {
  return test.rooms.store.usage.report({ since: 0, until: Date.now() + 1, by: 'model', limit: 9 })
}

it('embed() calls the model by the name its vendor knows, and writes the call into the ledger', async () => {
  await using test = await createTestRooms()
  const { calls, asked } = withAnswers(test, { embed: [() => Promise.resolve(vectors)] })
  expect(await calls.embed(EMBED, OWNER, signal)).toEqual({ value: [[1], [2]], model: 'ollama/m', usage: usage(7) })
  expect(asked).toEqual(['m'])
  expect(await ledgerOf(test)).toMatchObject([{ key: 'ollama/m', calls: 1, inputTokens: 7 }])
})

it('embed() asks again after a failure of the moment, and at once no more after one of the request', async () => {
  await using test = await createTestRooms()
  const again = withAnswers(test, { embed: [fails('overloaded'), () => Promise.resolve(vectors)] })
  expect((await again.calls.embed(EMBED, OWNER, signal)).value).toHaveLength(2)
  expect(again.asked).toHaveLength(2)
  const final = withAnswers(test, { embed: [fails('invalid-request')] })
  await expect(final.calls.embed(EMBED, OWNER, signal)).rejects.toMatchObject({ code: 'invalid-request' })
  expect(final.asked).toHaveLength(1)
  const dead = withAnswers(test, { embed: [fails('overloaded'), fails('overloaded'), fails('overloaded')] })
  await expect(dead.calls.embed(EMBED, OWNER, signal)).rejects.toMatchObject({ code: 'overloaded' })
  expect(dead.asked).toHaveLength(3)
})

it('embed() records our own count where nothing is reported', async () => {
  await using test = await createTestRooms()
  const { calls } = withAnswers(test, { embed: [() => Promise.resolve({ vectors: [[1], [2]], usage: null })] })
  expect((await calls.embed(EMBED, OWNER, signal)).usage).toBeNull()
  expect(await ledgerOf(test)).toMatchObject([{ inputTokens: 8, outputTokens: 0, costMicros: 42 }])
  expect(test.rooms.limits.outputs.of('ollama/m', undefined), 'nothing is learned').toBe(500)
})

it('embed() and draw() are refused before anyone is asked where they may not cost so much', async () => {
  await using test = await createTestRooms()
  const { calls, asked } = withAnswers(test, { embed: [() => Promise.resolve(vectors)] })
  const caller = { deviceId: null, maxCostMicros: 41 }
  await expect(calls.embed(EMBED, caller, signal)).rejects.toMatchObject({ code: 'over-budget' })
  await expect(calls.draw(DRAW, caller, signal)).rejects.toThrow(
    'likely to cost less than $0.0001, and less than $0.0001 is the most',
  )
  expect(asked).toEqual([])
  expect((await calls.embed(EMBED, { deviceId: null, maxCostMicros: 42 }, signal)).value).toHaveLength(2)
})

it('embed() and draw() are refused before anyone is asked where the budget is spent', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 10
  const { calls, asked } = withAnswers(test, { embed: [() => Promise.resolve(vectors)] })
  await expect(calls.embed(EMBED, OWNER, signal)).rejects.toMatchObject({ code: 'over-budget' })
  await expect(calls.draw(DRAW, OWNER, signal)).rejects.toMatchObject({ code: 'over-budget' })
  expect(asked).toEqual([])
  expect(await ledgerOf(test)).toEqual([])
})

it('draw() gives the pictures, reserves for them, and settles what they cost', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 1_000
  const images = [{ mediaType: 'image/png', base64: 'AAAA' }]
  const reserved: number[] = []
  const draw = async () => {
    reserved.push(test.rooms.limits.spending.spent(null).reservedMicros)
    return { images, usage: usage(5, 1_056) }
  }
  const { calls } = withAnswers(test, { draw: [draw] })
  expect((await calls.draw(DRAW, OWNER, signal)).value).toEqual(images)
  expect(reserved).toEqual([42])
  expect(test.rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 42, reservedMicros: 0 })
})

it('a caller who leaves ends the call, and what was reserved is free again', async () => {
  await using test = await createTestRooms()
  const leaving = new AbortController()
  const gone = new Error('gone')
  const draw = () =>
    new Promise<ImageAnswer>((_resolve, reject) => {
      leaving.signal.addEventListener('abort', () => reject(leaving.signal.reason))
      leaving.abort(gone)
    })
  const { calls } = withAnswers(test, { draw: [draw] })
  await expect(calls.draw(DRAW, OWNER, leaving.signal)).rejects.toBe(gone)
  expect(test.rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 0, reservedMicros: 0 })
  expect(await test.rooms.limits.limiter.status()).toMatchObject([{ running: 0 }])
})
