import { expect, it } from 'vitest'
import { createDemoProvider } from '../../../daemon/providers/demo/demo.ts'
import { type ProviderRequest, toMessage } from '../../../daemon/providers/provider.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { ask, collect } from '../../contracts/provider.ts'

const FAST = { delayMs: 0 }

it('createDemoProvider() says that no AI is behind it, and shows what it received', async () => {
  const request: ProviderRequest = {
    model: 'natter',
    system: 'Be brief.',
    messages: [
      toMessage('user', 'first'),
      toMessage('assistant', 'second'),
      toMessage('user', 'Explain *server-sent* events\n# please'),
    ],
    parameters: { extra: FAST },
  }
  const { reply } = await collect(createDemoProvider(), request)
  const text = textOf(reply.parts)
  expect(text).toContain('No AI is behind this answer')
  expect(text).toContain('> Explain *server-sent* events\n> # please')
  expect(text).toContain('system prompt: “Be brief.”')
  expect(text).toContain('earlier messages in this conversation: 2')
  expect(text).toContain('model: `natter`')
  for (const command of ['natter keys set openai', 'export OPENAI_API_KEY=', 'ollama serve']) {
    expect(text).toContain(command)
  }
  expect(text.endsWith('\n')).toBe(true)
  expect(reply.usage?.estimated).toBe(true)
})

it('createDemoProvider() counts one character as one', async () => {
  const { reply } = await collect(createDemoProvider(), ask('natter', '👍', { extra: FAST }))
  expect(textOf(reply.parts)).toContain('prompt, 1 character:')
})

it('createDemoProvider() shortens a long prompt without cutting a character in half', async () => {
  const { reply } = await collect(createDemoProvider(), ask('natter', '👍'.repeat(5000), { extra: FAST }))
  const text = textOf(reply.parts)
  expect(text).toContain('prompt, 5000 characters')
  expect(text).toContain(`> ${'👍'.repeat(300)} …`)
  expect(text.isWellFormed()).toBe(true)
})

it('createDemoProvider() sends a few pieces at a time, the first at once', async () => {
  const { batches, reply } = await collect(createDemoProvider(), ask('natter', 'hello'))
  expect(batches.length).toBeGreaterThan(10)
  expect(batches[0]).toEqual([{ type: 'text-delta', text: '#' }])
  expect(reply.finish).toEqual({ reason: 'stop', raw: 'stop' })
})

it.each([1, 1000, '25'])('createDemoProvider() writes %o words on demand', async (words) => {
  const { reply } = await collect(createDemoProvider(), ask('natter', 'x', { extra: { ...FAST, words } }))
  const written = textOf(reply.parts).split(' ')
  expect(written).toHaveLength(Number(words))
  expect(written.at(-1)).toBe(`word${words}`)
})

it('createDemoProvider() pauses between pieces as asked', async () => {
  const startedAt = performance.now()
  await collect(createDemoProvider(), ask('natter', 'x', { extra: { words: 11, delayMs: 10 } }))
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95)
})

it('createDemoProvider() keeps to the limit of the answer', async () => {
  const { reply } = await collect(createDemoProvider(), ask('natter', 'x', { maxOutputTokens: 5, extra: FAST }))
  expect(reply.finish?.reason).toBe('length')
})

it('createDemoProvider() stops in the middle of a long pause', async () => {
  const controller = new AbortController()
  const reason = new Error('stop')
  const request = ask('natter', 'x', { extra: { words: 3, delayMs: 3_600_000 } })
  const { error, reply } = await collect(createDemoProvider(), request, {
    signal: controller.signal,
    onBatch: () => setImmediate(() => controller.abort(reason)),
  })
  expect(error).toBe(reason)
  expect(textOf(reply.parts)).toBe('word1')
})

it('createDemoProvider() lets others work while it writes without pause', async () => {
  const turns: number[] = []
  const timer = setInterval(() => void turns.push(1), 0)
  await collect(createDemoProvider(), ask('natter', 'x', { extra: { words: 20_000, delayMs: 0 } }))
  clearInterval(timer)
  expect(turns.length).toBeGreaterThan(3)
})
