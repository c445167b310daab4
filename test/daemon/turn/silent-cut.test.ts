import { expect, it } from 'vitest'
import { silentCut } from '../../../daemon/turn/silent-cut.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms, type Script, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

it.each([
  ['all of it', 2_000, 2_000, false],
  ['a bit less than we count', 2_000, 1_300, false],
  ['much less of little', 700, 250, false],
  ['half of it', 2_000, 1_000, true],
])('silentCut() of a server that read %s', async (_what, counted, reported, isCut) => {
  await using test = await createTestRooms()
  const note = silentCut(test.rooms, { model: 'ollama/llama3', counted, reported })
  expect(note !== null).toBe(isCut)
  if (isCut) expect(note).toMatch(/^"ollama" says it read 1000 of about 2000 tokens: .*OLLAMA_CONTEXT_LENGTH/)
})

it('silentCut() knows servers of the user, and leaves vendors alone', async () => {
  await using test = await createTestRooms()
  const facts = { counted: 2_000, reported: 10 }
  test.settings = {
    providers: { mine: { baseUrl: 'http://127.0.0.1:1' }, far: { baseUrl: 'https://far', local: false } },
  }
  expect(silentCut(test.rooms, { ...facts, model: 'mine/m' })).toContain('start it with more')
  expect(silentCut(test.rooms, { ...facts, model: 'far/m' })).toBeNull()
  expect(silentCut(test.rooms, { ...facts, model: 'openai/gpt-5' })).toBeNull()
})

/** Says how much it read. */
function reads(inputTokens: number): Script {
  return async function* () {
    yield [{ type: 'text-delta', text: 'ok' }]
    const nothing = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
    yield [
      { type: 'usage', usage: { inputTokens, outputTokens: 1, ...nothing, estimated: false } },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]
  }
}

async function ask(test: TestRooms, inputTokens: number) {
  const learned: number[] = []
  const calibrate = (_model: string, _counted: number, reported: number) => void learned.push(reported)
  const rooms = { ...test.rooms, tokens: { ...test.rooms.tokens, calibrate } }
  const turns = createTurns(rooms)
  test.provider.enqueue(reads(inputTokens))
  const asked = { turnId: createId('trn'), prompt: 'x'.repeat(2_000), origin: 'script', model: 'ollama/m' } as const
  const { turnId } = await turns.start(asked)
  await until(() => turns.active === 0)
  return { story: (await rooms.store.turns.why(turnId)).story, learned }
}

it('a turn whose beginning its server left out is told so, and the counter learns nothing from it', async () => {
  await using test = await createTestRooms()
  const cut = await ask(test, 514)
  expect(cut.story?.notes).toEqual([expect.stringContaining('read 514 of about 2004 tokens')])
  expect(cut.learned).toEqual([])
  const whole = await ask(test, 1_900)
  expect(whole.story?.notes).toEqual([])
  expect(whole.learned).toEqual([1_900])
})
