import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, createServer as createProxy, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createConversationHandlers } from '../../../daemon/server/conversation-handlers.ts'
import type { Handlers } from '../../../daemon/server/handlers.ts'
import { createSocketServer } from '../../../daemon/server/socket-server.ts'
import { createTurnHandlers } from '../../../daemon/server/turn-handlers.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import type { Client } from '../../../src/client/api.ts'
import { answerOf, followTurn } from '../../../src/client/follow-turn.ts'
import { readText, send } from '../../../src/client/http.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { EMPTY_REPLY, fold, type StreamPart, textOf } from '../../../src/protocol/stream.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'

interface Line extends AsyncDisposable {
  readonly test: TestRooms
  readonly client: Client
  /** The next connections of the event stream end after so many bytes. */
  readonly cuts: number[]
}

/** A client and a daemon's rooms over a real socket whose event streams may be cut anywhere. */
async function openLine(): Promise<Line> {
  const test = await createTestRooms()
  const { rooms } = test
  const turns = createTurns(rooms)
  const handlers = {
    ...createConversationHandlers(rooms.store, rooms.hub, Date.now),
    ...createTurnHandlers(rooms.store, turns, () => Promise.reject(new Error('not in this test'))),
  } as Handlers
  const server = createSocketServer({
    hello: { protocol: 1, version: '0', build: 'test' },
    hub: rooms.hub,
    handlers,
    health: () => ({}),
    metrics: () => Promise.resolve(''),
    addRoutes: () => {},
    onReadersGone: (gone) => turns.readersGone(gone),
    onFailure: () => {},
    closing: new AbortController().signal,
  })
  await server.ready()
  const directory = mkdtempSync(join(tmpdir(), 'natter-line-'))
  const socket = join(directory, 's')
  const listener = createServer((request, response) => server.routing(request, response))
  await new Promise<void>((resolve) => listener.listen(socket, resolve))
  const cuts: number[] = []
  const breaking = join(directory, 'b')
  const proxy = await openBreakingProxy(breaking, socket, cuts)
  const client = {
    call: async (operation: string, request: unknown) => {
      const body = JSON.stringify(request)
      const answer = await send(socket, { method: 'POST', path: `/api/${operation}`, body })
      return JSON.parse(await readText(answer))
    },
    openEvents: async (query: string, lastSeq: number | null, signal: AbortSignal) => {
      const headers = lastSeq === null ? {} : { 'last-event-id': String(lastSeq) }
      return send(breaking, { method: 'GET', path: `/api/events?${query}`, headers, signal })
    },
  } as unknown as Client
  return {
    test,
    client,
    cuts,
    async [Symbol.asyncDispose]() {
      await server.close()
      listener.close()
      listener.closeAllConnections()
      proxy.close()
      await test[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true })
    },
  }
}

/** Passes everything on, and breaks each connection after the next number of bytes, wherever that is. */
async function openBreakingProxy(path: string, target: string, cuts: number[]): Promise<Server> {
  const proxy = createProxy((client) => {
    const daemon = connect(target)
    let rest = cuts.shift() ?? Number.POSITIVE_INFINITY
    const end = () => {
      client.destroy()
      daemon.destroy()
    }
    client.on('error', end).on('close', end)
    daemon.on('error', end).on('close', end)
    client.pipe(daemon)
    daemon.on('data', (chunk) => {
      const part = chunk.subarray(0, rest)
      rest -= part.length
      client.write(part, () => {
        if (rest === 0) end()
      })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(path, resolve))
  return proxy
}

const delta = fc.record({
  type: fc.constantFrom('text-delta' as const, 'text-delta' as const, 'reasoning-delta' as const),
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
})
const batches = fc.array(fc.array(delta, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 25 })

it('followTurn() shows each word once and the same message as the store, wherever the line breaks', async () => {
  await using line = await openLine()
  await fc.assert(
    fc.asyncProperty(batches, fc.array(fc.nat(3_000), { maxLength: 6 }), async (stream, cuts) => {
      line.cuts.splice(0, line.cuts.length, ...cuts)
      line.test.provider.enqueue(async function* () {
        for (const batch of stream) {
          yield batch
          await new Promise(setImmediate)
        }
        yield [{ type: 'finish', reason: 'stop', raw: null }]
      })
      const started = await line.client.call('turns.start', {
        turnId: createId('trn'),
        prompt: 'x',
        origin: 'script',
        model: 'demo/x',
      })
      const shown: StreamPart[] = []
      const result = await followTurn(
        line.client,
        started,
        { onDelta: (part) => shown.push(part) },
        new AbortController().signal,
      )
      const whole = stream.flat().reduce(fold, EMPTY_REPLY)
      const seen = shown.reduce(fold, EMPTY_REPLY)
      expect(textOf(seen.parts)).toBe(textOf(whole.parts))
      expect(seen.parts).toEqual(whole.parts)
      expect(answerOf(result)).toBe(textOf(whole.parts))
      expect(result.outcome).toEqual({ type: 'completed' })
      const { message } = await line.client.call('messages.get', { messageId: started.messageId })
      expect(message.parts).toEqual(whole.parts)
    }),
    { numRuns: 30 },
  )
}, 120_000)
