import { expect, it } from 'vitest'
import type { ImageAnswer, ImageRequest } from '../../../daemon/providers/provider.ts'
import { createSingleCalls } from '../../../daemon/turn/single-calls.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import type { Usage } from '../../../src/protocol/stream.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

const OWNER = { deviceId: null, maxCostMicros: null }
const never = new AbortController().signal
const DRAW = {
  ...{ model: 'ollama/m', prompt: 'an otter', count: 4 },
  ...{ size: null, quality: null, background: null, format: null },
}
const PICTURE = { mediaType: 'image/png', base64: 'AAAA' }

function reported(outputTokens: number): Usage {
  const none = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
  return { inputTokens: 10, outputTokens, ...none, estimated: false }
}

type Draw = (request: ImageRequest, signal: AbortSignal) => Promise<ImageAnswer>

/** A millionth of a dollar for each token that comes out. */
function withDrawing(test: TestRooms, drawImages: Draw) {
  const asked: number[] = []
  const draw: Draw = (request, signal) => {
    asked.push(request.count)
    return drawImages(request, signal)
  }
  const provider: typeof test.rooms.providers.provider = (endpoint) => ({
    ...test.rooms.providers.provider(endpoint),
    drawImages: (request, options) => draw(request, options.signal),
  })
  const catalogue = {
    ...test.rooms.catalogue,
    cost: (_model: string, usage: Usage) => Promise.resolve(usage.outputTokens),
  }
  const rooms = { ...test.rooms, catalogue, providers: { ...test.rooms.providers, provider } }
  return { asked, calls: createSingleCalls(rooms) }
}

function gemini(test: TestRooms): typeof DRAW {
  test.settings = { providers: { g: { format: 'gemini', baseUrl: 'http://127.0.0.1:9', local: true } } }
  return { ...DRAW, model: 'g/m', count: 3 }
}

function spent({ rooms }: TestRooms) {
  const { spentMicros, reservedMicros } = rooms.limits.spending.spent(null)
  return { spentMicros, reservedMicros }
}

async function rowsOf({ rooms }: TestRooms) {
  return rooms.store.usage.report({ since: 0, until: Date.now() + 1, by: 'model', limit: 9 })
}

it('draw() learns nothing from what nobody reports: the same drawing is booked the same each time', async () => {
  await using test = await createTestRooms()
  const { calls } = withDrawing(test, () => Promise.resolve({ images: Array(4).fill(PICTURE), usage: null }))
  const booked: number[] = []
  for (let drawing = 0; drawing < 5; drawing += 1) {
    const before = spent(test).spentMicros
    expect((await calls.draw(DRAW, OWNER, never)).usage).toBeNull()
    booked.push(spent(test).spentMicros - before)
  }
  expect(booked).toEqual(Array(5).fill(4 * 500))
  expect(spent(test).reservedMicros).toBe(0)
  expect(await rowsOf(test)).toMatchObject([{ calls: 5, inputTokens: 0, outputTokens: 0, costMicros: 0 }])
})

it('draw() learns for each picture what is reported, apart from what answers of the model take', async () => {
  await using test = await createTestRooms()
  const { calls } = withDrawing(test, () => Promise.resolve({ images: Array(4).fill(PICTURE), usage: reported(4_000) }))
  await calls.draw(DRAW, OWNER, never)
  expect(test.rooms.limits.outputs.of('draw ollama/m', undefined)).toBe(1_500)
  expect(test.rooms.limits.outputs.of('ollama/m', undefined)).toBe(500)
  expect(spent(test)).toEqual({ spentMicros: 4_000, reservedMicros: 0 })
})

it('draw() asks Gemini for one picture after the other, and adds up what they took', async () => {
  await using test = await createTestRooms()
  const request = gemini(test)
  const { calls, asked } = withDrawing(test, () => Promise.resolve({ images: [PICTURE], usage: reported(1_290) }))
  const answer = await calls.draw(request, OWNER, never)
  expect(answer.value).toHaveLength(3)
  expect(answer.usage).toMatchObject({ inputTokens: 30, outputTokens: 3_870, estimated: false })
  expect(asked).toEqual([1, 1, 1])
  expect(await rowsOf(test)).toMatchObject([{ calls: 1, outputTokens: 3_870, costMicros: 3_870 }])
})

it('draw() draws again only the picture that failed, and gives those that were drawn where it fails for good', async () => {
  await using test = await createTestRooms()
  const request = gemini(test)
  let count = 0
  const { calls, asked } = withDrawing(test, () => {
    count += 1
    if (count === 2) return Promise.reject(new NatterError('overloaded', 'busy', { retryAfterMs: 1 }))
    if (count === 4) return Promise.reject(new NatterError('content-filtered', 'no'))
    return Promise.resolve({ images: [PICTURE], usage: reported(1_290) })
  })
  expect((await calls.draw(request, OWNER, never)).value).toHaveLength(2)
  expect(asked).toHaveLength(4)
  expect(spent(test)).toEqual({ spentMicros: 2_580, reservedMicros: 0 })
  expect(await rowsOf(test)).toMatchObject([{ calls: 1, costMicros: 2_580 }])
  expect(await test.rooms.limits.limiter.status()).toMatchObject([{ running: 0, used: { requests: 4 } }])
})

it('draw() books what was drawn before its caller left', async () => {
  await using test = await createTestRooms()
  const request = gemini(test)
  const leaving = new AbortController()
  let count = 0
  const { calls } = withDrawing(test, (_request, signal) => {
    count += 1
    if (count === 1) return Promise.resolve({ images: [PICTURE], usage: reported(1_290) })
    leaving.abort('gone')
    return Promise.reject(signal.reason)
  })
  await expect(calls.draw(request, OWNER, leaving.signal)).rejects.toBe('gone')
  expect(spent(test)).toEqual({ spentMicros: 1_290, reservedMicros: 0 })
  expect(await rowsOf(test)).toMatchObject([{ calls: 1, outputTokens: 1_290 }])
})

it('drain() waits for what is drawn, refuses new calls, and stops what is left when its patience ends', async () => {
  await using test = await createTestRooms()
  const { calls } = withDrawing(
    test,
    (_request, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  )
  const drawing = calls.draw(DRAW, OWNER, never)
  const failed = expect(drawing).rejects.toMatchObject({ code: 'interrupted' })
  expect(calls.active).toBe(1)
  await until(async () => (await test.rooms.limits.limiter.status()).some(({ running }) => running === 1))
  const drained = calls.drain(1)
  await expect(calls.draw(DRAW, OWNER, never)).rejects.toMatchObject({ code: 'daemon-unreachable' })
  await drained
  await failed
  expect(calls.active).toBe(0)
  expect(spent(test)).toEqual({ spentMicros: 0, reservedMicros: 0 })
  expect(await rowsOf(test)).toMatchObject([{ calls: 1 }])
})
