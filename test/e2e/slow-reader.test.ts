import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { createId } from '../../src/protocol/ids.ts'
import { clientOf, createHome } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

const READERS = 40
const WORDS = 60_000

it('natterd keeps nothing for readers that stop reading, and they slow nobody', async () => {
  await using home = createHome()
  const client = clientOf(home)
  const start = () =>
    client.call('turns.start', {
      turnId: createId('trn'),
      prompt: 'x',
      origin: 'script',
      parameters: { extra: { words: WORDS, delayMs: 0 } },
    })
  // The same turn once without them, so that only what they cost is left.
  await start()
  await until(async () => (await client.call('turns.list', {})).turns.length === 0, 60_000)
  const before = (await client.call('status', {})).rssBytes
  const { conversationId, messageId } = await start()
  const stalled = Array.from({ length: READERS }, () => {
    const socket = connect(home.paths.socket)
    socket.pause()
    socket.write(`GET /api/events?conversation=${conversationId} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return socket
  })
  await until(async () => (await client.call('status', {})).subscribers === READERS)
  await until(async () => (await client.call('turns.list', {})).turns.length === 0, 60_000)
  const { rssBytes, subscribers } = await client.call('status', {})
  expect(subscribers).toBe(READERS)
  // 600 kB of text are 10 MB of events, 400 MB for these readers if each had a queue. The collector has its own room.
  expect(rssBytes - before).toBeLessThan(READERS * 128 * 1024 + 80 * 1024 * 1024)
  const { message } = await client.call('messages.get', { messageId })
  expect(message.outcome).toEqual({ type: 'completed' })
  for (const socket of stalled) socket.destroy()
  await until(async () => (await client.call('status', {})).subscribers === 0)
})

it('natterd tells a reader that slept through everything how it ended', async () => {
  await using home = createHome()
  const client = clientOf(home)
  const { conversationId } = await client.call('turns.start', {
    turnId: createId('trn'),
    prompt: 'x',
    origin: 'script',
    parameters: { extra: { words: 30_000, delayMs: 0 } },
  })
  const socket = connect(home.paths.socket)
  socket.pause()
  socket.write(`GET /api/events?conversation=${conversationId} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await until(async () => (await client.call('turns.list', {})).turns.length === 0, 60_000)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  await until(() => /"type":"turn-end"|"outcome":\{"type":"completed"\}/.test(text) && text.includes('word30000'))
  socket.destroy()
})
