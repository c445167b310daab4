import { expect, it } from 'vitest'
import { addOpenAiDoor } from '../../../../daemon/server/openai/door.ts'
import type { OpenAiDoorOptions } from '../../../../daemon/server/openai/door-options.ts'
import { BOUNDS } from '../../../../src/protocol/bounds.ts'
import { createId } from '../../../../src/protocol/ids.ts'
import type { RequestOf } from '../../../../src/protocol/schema/operations.ts'
import { ask, type Door, openDoor, raw } from '../../../helpers/tcp-door.ts'
import { until } from '../../../helpers/until.ts'

const CONVERSATION = createId('cnv')

/** A daemon whose hub loses every reader, so that each answer throws after that text. */
async function openBroken(text: string | null = null) {
  const delta = { type: 'text-delta', turnId: '', text }
  const started: RequestOf<'turns.start'>[] = []
  const cancelled: string[] = []
  const frames = text === null ? [] : [{ event: () => delta }]
  const failures: { readonly error: unknown; readonly path: string }[] = []
  const options = {
    turns: {
      start(request: RequestOf<'turns.start'>) {
        started.push(request)
        delta.turnId = request.turnId
        return Promise.resolve({ turnId: request.turnId, conversationId: CONVERSATION, model: 'chat/модель' })
      },
      cancel(turnId: string) {
        cancelled.push(turnId)
        return Promise.resolve(true)
      },
    },
    hub: {
      subscribe: () =>
        Promise.resolve({
          take: () => frames.splice(0),
          ready: () => Promise.reject(new Error('the reader broke')),
          [Symbol.dispose]() {},
        }),
    },
    settings: () => ({}),
    onFailure: (error: unknown, path: string) => void failures.push({ error, path }),
    closing: new AbortController().signal,
  } as unknown as OpenAiDoorOptions
  const door = await openDoor({ addRoutes: (server) => addOpenAiDoor(server, options) })
  return Object.assign(door, { started, cancelled, failures })
}

function post(door: Door, path: string, body: object, ...headers: readonly string[]) {
  const text = JSON.stringify(body)
  const own = ['host: 127.0.0.1', `authorization: Bearer ${door.token}`, 'content-type: application/json']
  return ask(door.port, `POST ${path}`, [...own, ...headers, `content-length: ${Buffer.byteLength(text)}`], text)
}

const QUESTION = { model: 'chat/m', messages: [{ role: 'user', content: 'x' }] }

it.each([true, false])('answerWithTurn() gives up a turn whose answer throws (stream: %s)', async (stream) => {
  await using door = await openBroken()
  const answer = await post(door, '/v1/chat/completions', { ...QUESTION, stream })
  expect(answer.status).toBe(500)
  await until(() => door.cancelled.length === 1)
  expect(door.cancelled).toEqual(door.started.map(({ turnId }) => turnId))
})

it('answerWithTurn() cuts the connection and gives up the turn where an answer throws in its midst', async () => {
  await using door = await openBroken('begun')
  const answer = await post(door, '/v1/chat/completions', { ...QUESTION, stream: true })
  expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('begun')])
  await until(() => door.failures.length === 1)
  expect(door.failures[0]?.error).toEqual(new Error('the reader broke'))
  expect(door.cancelled).toEqual(door.started.map(({ turnId }) => turnId))
})

it('answerWithTurn() leaves a kept turn running when its answer throws', async () => {
  await using door = await openBroken()
  const answer = await post(door, '/v1/chat/completions', QUESTION, 'x-natter-conversation: new')
  expect([answer.status, door.cancelled]).toEqual([500, []])
})

it('addOpenAiDoor() logs the path of a failed request, and nothing of its query', async () => {
  await using door = await openBroken()
  await post(door, '/v1/chat/completions?key=secret', QUESTION)
  expect(door.failures).toEqual([{ error: new Error('the reader broke'), path: '/v1/chat/completions' }])
})

it('answerWithTurn() counts a kept turn as its device’s until it ends, though its client has left', async () => {
  const turn = createScriptedTurn()
  await using door = await openDoor({
    deviceRequestsMax: 1,
    addRoutes: (server) => addOpenAiDoor(server, turn.options),
  })
  const text = JSON.stringify({ ...QUESTION, stream: true })
  const head = ['POST /v1/chat/completions HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json']
  const own = [`authorization: Bearer ${door.token}`, 'x-natter-conversation: new', `content-length: ${text.length}`]
  const client = raw(door.port, `${[...head, ...own].join('\r\n')}\r\n\r\n${text}`)
  const health = async () =>
    (await ask(door.port, 'GET /health', ['host: 127.0.0.1', `x-api-key: ${door.token}`])).status
  turn.say({ type: 'text-delta', text: 'begun' })
  await until(() => client.received().includes('begun'))
  client.socket.destroy()
  await turn.left
  expect(await health()).toBe(429)
  turn.say({ type: 'turn-end', model: 'a/b', outcome: { type: 'completed' }, usage: null })
  await until(async () => (await health()) === 200)
})

it('answerWithTurn() keeps no question of a device that is a whole library', async () => {
  await using door = await openBroken()
  const messages = [{ role: 'user', content: 'x'.repeat(BOUNDS.keptPromptChars + 1) }]
  const send = (...headers: readonly string[]) => post(door, '/v1/chat/completions', { messages }, ...headers)
  const refused = await send('x-natter-conversation: new')
  expect([refused.status, JSON.parse(refused.body).error.code]).toEqual([400, 'string_above_max_length'])
  expect(door.started).toEqual([])
  await send()
  expect(door.started).toHaveLength(1)
})

/** A daemon with one turn, whose events a test writes by hand. */
function createScriptedTurn() {
  const events: object[] = []
  const left = Promise.withResolvers<void>()
  const turnIds: string[] = []
  let wake = () => {}
  const options = {
    turns: {
      start({ turnId }: RequestOf<'turns.start'>) {
        turnIds.push(turnId)
        return Promise.resolve({ turnId, conversationId: CONVERSATION, model: 'a/b' })
      },
    },
    hub: {
      subscribe: () =>
        Promise.resolve({
          take: () => events.splice(0).map((event) => ({ event: () => ({ ...event, turnId: turnIds[0] }) })),
          ready(signal: AbortSignal) {
            signal.addEventListener('abort', () => left.resolve(), { once: true })
            return new Promise<void>((resolve) => {
              wake = resolve
              signal.addEventListener('abort', () => resolve(), { once: true })
            })
          },
          [Symbol.dispose]() {},
        }),
    },
    settings: () => ({}),
    closing: new AbortController().signal,
  } as unknown as OpenAiDoorOptions
  return {
    options,
    left: left.promise,
    say(event: object) {
      events.push(event)
      wake()
    },
  }
}
