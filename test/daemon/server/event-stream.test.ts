import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryHub } from '../../../daemon/hub/memory-hub.ts'
import { writeEvents } from '../../../daemon/server/event-stream.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { NatterEvent } from '../../../src/protocol/schema/events.ts'

it('writeEvents() cuts no character in half, however long events are', async () => {
  const texts = fc.array(fc.record({ lead: fc.nat({ max: 3 }), count: fc.integer({ min: 1, max: 12_000 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(texts, async (lengths) => {
      const said = lengths.map(({ lead, count }) => `${'a'.repeat(lead)}${'👍'.repeat(count)}`)
      expect(await readAll(said)).toBe(said.join(''))
    }),
    { numRuns: 20 },
  )
})

/** All text of a turn, as a reader puts it together from bytes. */
async function readAll(said: readonly string[]): Promise<string> {
  let seq = 0
  const hub = createMemoryHub({ nextSeq: () => ++seq })
  const [conversationId, turnId] = [createId('cnv'), createId('trn')]
  const closing = new AbortController()
  const server = createServer(async (_request, response) => {
    using subscription = await hub.subscribe({ conversations: [conversationId], after: null })
    for (const text of said) await hub.publish({ type: 'text-delta', conversationId, turnId, text })
    closing.abort()
    await writeEvents(response, subscription, closing.signal)
  })
  const directory = mkdtempSync(join(tmpdir(), 'natter-events-'))
  const socketPath = join(directory, 'socket')
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  try {
    const frames = (await readBytes(socketPath)).split('\n\n').filter((frame) => frame.startsWith('id: '))
    const events = frames.map((frame) => JSON.parse(frame.split('\ndata: ')[1] ?? '') as NatterEvent)
    return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
  } finally {
    server.close()
    hub[Symbol.dispose]()
    rmSync(directory, { recursive: true })
  }
}

function readBytes(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, agent: false }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
    })
    request.on('error', reject)
  })
}
