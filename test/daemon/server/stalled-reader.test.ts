import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { Frame, Subscription } from '../../../daemon/hub/hub.ts'
import { createMemoryHub } from '../../../daemon/hub/memory-hub.ts'
import { writeEvents } from '../../../daemon/server/event-stream.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { until } from '../../helpers/until.ts'

const LIMIT = 128 * 1024
const STREAM_CHARS = 12_000_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** One conversation, one reader that asks for its events and never reads them. */
async function openStalled() {
  let seq = 0
  const hub = createMemoryHub({ nextSeq: () => ++seq })
  const [conversationId, turnId] = [createId('cnv'), createId('trn')]
  const [messageId, userMessageId] = [createId('msg'), createId('msg')]
  const origin = 'script'
  await hub.publish({ type: 'turn-start', conversationId, turnId, messageId, userMessageId, model: 'a/b', origin })
  const given: WeakRef<Frame>[] = []
  let response: ServerResponse | null = null
  const server = createServer(async (_request, answer) => {
    response = answer
    using subscription = await hub.subscribe({ conversations: [conversationId], after: null })
    await writeEvents(answer, remembering(subscription, given), new AbortController().signal)
  })
  const directory = mkdtempSync(join(tmpdir(), 'natter-stalled-'))
  await new Promise<void>((resolve) => server.listen(join(directory, 'socket'), resolve))
  const socket = connect(join(directory, 'socket')).pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => hub.subscribers === 1)
  return {
    say: (text: string) => hub.publish({ type: 'text-delta', conversationId, turnId, text }),
    /** Bytes handed to the socket that the kernel did not take. */
    unsent: () => response?.writableLength ?? 0,
    /** Bytes of the frames that were taken for this reader and are kept by anybody. */
    async held() {
      await turnOfTheLoop()
      collectGarbage()
      return given.reduce((sum, reference) => sum + bytesOf(reference.deref()), 0)
    },
    taken: () => given.length,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      hub[Symbol.dispose]()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A snapshot is cut from the text of the turn piece by piece; any other frame is an event and its JSON. */
function bytesOf(frame: Frame | undefined): number {
  if (frame === undefined) return 0
  const sizes = Array.from(frame.pieces(), (piece) => Buffer.byteLength(piece))
  return frame.type === 'snapshot' ? Math.max(...sizes) : 2 * sizes.reduce((sum, size) => sum + size, 0)
}

function remembering(subscription: Subscription, given: WeakRef<Frame>[]): Subscription {
  return {
    ...subscription,
    take(maxBytes) {
      const frames = subscription.take(maxBytes)
      for (const frame of frames) given.push(new WeakRef(frame))
      return frames
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

it.each([
  ['small ASCII deltas', (index: number) => `word${index} `],
  ['small deltas in three-byte characters', (index: number) => `日本語の文字列${index}、`],
  ['large ASCII deltas', (index: number) => `${index}`.padEnd(20_000, 'x')],
  ['large deltas in three-byte characters', (index: number) => `${index}`.padEnd(20_000, '日')],
  ['deltas of a megabyte', (index: number) => `${index}`.padEnd(1_000_000, '日')],
])('writeEvents() holds at most 128 KB for a reader that never reads %s', async (_name, textOf) => {
  await using stalled = await openStalled()
  let chars = 0
  for (let index = 0; chars < STREAM_CHARS; index++) {
    const text = textOf(index)
    chars += text.length
    await stalled.say(text)
    if (index % 50 === 0) await turnOfTheLoop()
  }
  await until(() => stalled.unsent() > 0)
  const taken = stalled.taken()
  const bytes = stalled.unsent() + (await stalled.held())
  expect(stalled.taken()).toBe(taken)
  expect(bytes).toBeLessThan(LIMIT)
})
