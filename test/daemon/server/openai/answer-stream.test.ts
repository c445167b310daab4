import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import type { AnswerPart, AnswerReader, Ending } from '../../../../daemon/server/openai/answer-reader.ts'
import { streamAnswer } from '../../../../daemon/server/openai/answer-stream.ts'
import { watchClient } from '../../../../daemon/server/openai/client-watch.ts'
import { NatterError } from '../../../../src/protocol/errors.ts'

const WORDS = {
  begin: (model: string) => `begin ${model}\n\n`,
  part: (part: AnswerPart) => `part ${part.text}\n\n`,
  end: () => 'end\n\n',
  fail: (failure: NatterError) => `fail ${failure.code}\n\n`,
}
const DONE: Ending = { finish: null, usage: null, failure: null }
const FAILED: Ending = { ...DONE, failure: new NatterError('provider-failed', 'It broke') }

/** An answer that a test writes by hand. */
function createScript() {
  let waiting: AnswerPart[] = []
  let ending: Ending | null = null
  let wake = () => {}
  const reader: AnswerReader = {
    model: 'a/b',
    get ending() {
      return waiting.length === 0 ? ending : null
    },
    take() {
      const parts = waiting
      waiting = []
      return parts
    },
    ready(signal) {
      if (waiting.length > 0 || ending !== null || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
  return {
    reader,
    say(text: string) {
      waiting.push({ type: 'text-delta', text })
      wake()
    },
    end(how: Ending) {
      ending = how
      wake()
    },
  }
}

async function serve(reader: AnswerReader, times: { holdMs?: number; heartbeatMs?: number } = {}) {
  const gone = Promise.withResolvers<void>()
  const server = Fastify({ serverFactory: (handler) => createServer(handler) })
  server.setErrorHandler((error, _request, reply) => reply.code(500).send({ error: String(error) }))
  server.get('/', async (_request, reply) => {
    using client = watchClient(reply.raw, new AbortController().signal)
    client.gone.addEventListener('abort', () => gone.resolve())
    reply.header('x-request-id', 'trn_1')
    await streamAnswer(reply, { reader, words: WORDS, gone: client.gone, ...times })
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  return {
    gone: gone.promise,
    get: () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        request({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject).end()
      }),
    [Symbol.asyncDispose]: () => {
      server.server.closeAllConnections()
      return server.close()
    },
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return text
}

it('streamAnswer() sends its head with the first part, and what came together in one write', async () => {
  const script = createScript()
  await using server = await serve(script.reader)
  const coming = server.get()
  script.say('one')
  script.say('two')
  const answer = await coming
  expect(answer.headers).toMatchObject({ 'x-request-id': 'trn_1', 'x-natter-model': 'a/b' })
  const first = await new Promise((resolve) => answer.once('data', (data) => resolve(String(data))))
  expect(first).toBe('begin a/b\n\npart one\n\npart two\n\n')
  script.end(DONE)
  expect(await textOf(answer)).toBe('end\n\n')
})

it('streamAnswer() throws a failure that comes before the first part', async () => {
  const script = createScript()
  await using server = await serve(script.reader)
  const coming = server.get()
  script.end(FAILED)
  expect((await coming).statusCode).toBe(500)
})

it('streamAnswer() tells a failure after the first part within the stream', async () => {
  const script = createScript()
  await using server = await serve(script.reader)
  script.say('one')
  const answer = await server.get()
  script.end(FAILED)
  expect(answer.statusCode).toBe(200)
  expect(await textOf(answer)).toBe('begin a/b\n\npart one\n\nfail provider-failed\n\n')
})

it('streamAnswer() sends its head and signs of life to who waits long, and then a failure as an event', async () => {
  const script = createScript()
  await using server = await serve(script.reader, { holdMs: 1, heartbeatMs: 1 })
  const answer = await server.get()
  expect(answer.statusCode).toBe(200)
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk
    if (text.split(': still here\n\n').length > 3) script.end(FAILED)
  }
  expect(text.replaceAll(': still here\n\n', '')).toBe('begin a/b\n\nfail provider-failed\n\n')
})

it('streamAnswer() of an empty answer has a beginning and an end', async () => {
  const script = createScript()
  script.end(DONE)
  await using server = await serve(script.reader)
  expect(await textOf(await server.get())).toBe('begin a/b\n\nend\n\n')
})

it('streamAnswer() takes no more than one write for who does not read', async () => {
  const script = createScript()
  await using server = await serve(script.reader)
  script.say('x'.repeat(20_000_000))
  const answer = await server.get()
  answer.pause()
  for (let turn = 0; turn < 20; turn += 1) {
    script.say('more')
    await delay(1)
  }
  expect(script.reader.take().length).toBeGreaterThan(0)
  answer.destroy()
  await server.gone
})
