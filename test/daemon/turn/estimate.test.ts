import { expect, it } from 'vitest'
import { toMessage } from '../../../daemon/providers/provider.ts'
import { estimateTurn } from '../../../daemon/turn/estimate.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

const ASKED = { prompt: 'hello', model: 'demo/natter', origin: 'script' } as const

/** Of that many tokens; a character is one here. */
function withWindow({ rooms }: TestRooms, contextTokens: number): TestRooms['rooms'] {
  const get = () => Promise.resolve({ contextTokens, outputTokens: 10 } as never)
  return { ...rooms, catalogue: { ...rooms.catalogue, get } }
}

it('estimateTurn() counts what would be sent, by the code that sends it', async () => {
  await using test = await createTestRooms()
  const rooms = withWindow(test, 100)
  const turns = createTurns(rooms)
  const { conversationId } = await turns.start({ ...ASKED, turnId: createId('trn'), prompt: 'x'.repeat(60) })
  await until(() => turns.active === 0)
  const prompt = 'y'.repeat(60)
  const estimate = await estimateTurn(rooms, { ...ASKED, prompt, conversationId })
  expect(estimate).toMatchObject({ sentMessages: 1, leftOutMessages: 2, inputTokens: 64 })
  await turns.start({ ...ASKED, turnId: createId('trn'), prompt, conversationId })
  await until(() => turns.active === 0)
  expect(test.provider.calls.at(-1)?.request.messages).toEqual([toMessage('user', prompt)])
})

it('estimateTurn() sends the conversation where it fits, and its system prompt', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const started = await turns.start({ ...ASKED, turnId: createId('trn'), system: 'be brief' })
  await until(() => turns.active === 0)
  const { conversationId } = started
  // "be brief", "hello", "ok", "hello", and the borders between them.
  expect(await estimateTurn(test.rooms, { ...ASKED, conversationId })).toMatchObject({
    ...{ sentMessages: 3, leftOutMessages: 0, inputTokens: 'be brief\nhello\nok\nhello'.length + 16 },
  })
  const without = await estimateTurn(test.rooms, { ...ASKED, conversationId, system: null })
  expect(without.inputTokens).toBe('hello\nok\nhello'.length + 12)
})

it('estimateTurn() says whether the budget would refuse it, and reserves nothing', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 41
  const refused = await estimateTurn(test.rooms, ASKED)
  expect(refused).toMatchObject({ likelyCostMicros: 42, refusal: { code: 'over-budget' } })
  expect((await estimateTurn(test.rooms, { ...ASKED, overBudget: true })).refusal).toBeNull()
  test.budgetMicros = null
  expect((await estimateTurn(test.rooms, ASKED)).refusal).toBeNull()
  expect((await estimateTurn(test.rooms, { ...ASKED, maxCostMicros: 41 })).refusal?.message).toContain(
    'is the most that is allowed',
  )
  expect(test.rooms.limits.spending.spent(null).reservedMicros).toBe(0)
  expect(test.provider.calls).toEqual([])
})

it('estimateTurn() says of a price that nobody knows that it is unknown', async () => {
  await using test = await createTestRooms()
  test.settings = { providers: { unknown: { baseUrl: 'http://127.0.0.1:1/v1' } } }
  const estimate = await estimateTurn(test.rooms, { ...ASKED, model: 'unknown/model' })
  expect(estimate).toMatchObject({ inputCostMicros: null, likelyCostMicros: null, refusal: null })
})

it('estimateTurn() takes the model that "auto" would choose', async () => {
  await using test = await createTestRooms()
  test.settings = { routing: { cheap: 'demo/small', strong: 'demo/large' } }
  expect((await estimateTurn(test.rooms, { ...ASKED, model: 'auto', prompt: 'debug it' })).model).toBe('demo/large')
})
