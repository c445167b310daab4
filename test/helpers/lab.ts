// Servers that misbehave on purpose, in every wire format, and remember when their callers left.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatOf, WIRES } from './wire.ts'

/** Each is a path: `${labUrl}/${scenario}` is a base URL. */
export type Scenario =
  /** Takes the request and says nothing. */
  | 'silent'
  /** Answers with a head and no body. */
  | 'headed'
  /** A head, and pings for ever. */
  | 'idle'
  /** Some text, then nothing. */
  | 'stalled'
  /** Some text, then pings for ever. */
  | 'pinging'
  /** Some text, then a clean end without the end mark. */
  | 'unfinished'
  /** Some text, then the connection is cut. */
  | 'cut'
  /** Some text, then an error inside the stream. */
  | 'failing'
  /** Events whose data is no JSON. */
  | 'garbage'
  /** A web page with status 200. */
  | 'page'
  /** A complete answer in one write. */
  | 'whole'
  /** Words until the caller leaves. */
  | 'endless'
  /** A redirect. */
  | 'moved'

export const LAB_TEXT = 'partial text'

export interface LabCall {
  readonly scenario: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Resolves with the time (performance.now()) at which the connection or stream of this call was closed. */
  readonly closed: Promise<number>
}

const PING_MS = 5

export interface Lab {
  readonly calls: readonly LabCall[]
  /** The next call to come; resolves when its request was read. */
  nextCall(): Promise<LabCall>
  /** `path` begins with the scenario: `/stalled/v1/messages`. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
}

export function createLab(): Lab {
  const calls: LabCall[] = []
  const waiting: ((call: LabCall) => void)[] = []
  return { calls, handle, nextCall: () => new Promise((resolve) => waiting.push(resolve)) }

  async function handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const closed = new Promise<number>((resolve) => response.on('close', () => resolve(performance.now())))
    const [, scenario = '', ...rest] = path.split('/')
    const body = await readBody(request)
    const call = { scenario, path: `/${rest.join('/')}`, headers: request.headers, body, closed }
    calls.push(call)
    play(scenario as Scenario, formatOf(path.split('?')[0] ?? ''), response)
    waiting.shift()?.(call)
  }
}

function play(scenario: Scenario, format: keyof typeof WIRES, response: ServerResponse): void {
  const wire = WIRES[format]
  const begin = () => response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_lab' })
  const partial = () => begin().write(wire.start + wire.delta(LAB_TEXT))
  switch (scenario) {
    case 'silent':
      return
    case 'headed':
      begin().flushHeaders()
      return
    case 'idle':
      begin()
      repeat(response, wire.ping)
      return
    case 'stalled':
      partial()
      return
    case 'pinging':
      partial()
      repeat(response, wire.ping)
      return
    case 'endless':
      partial()
      repeat(response, wire.delta('more '))
      return
    case 'unfinished':
      partial()
      response.end()
      return
    case 'cut':
      begin().write(wire.start + wire.delta(LAB_TEXT), () => response.destroy())
      return
    case 'failing':
      partial()
      response.end(wire.error)
      return
    case 'garbage':
      begin().end('data: <<< this is no JSON >>>\n\n')
      return
    case 'page':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Log in to the network</h1></html>')
      return
    case 'whole':
      begin().end(wire.start + wire.delta(LAB_TEXT) + wire.end)
      return
    case 'moved':
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
      return
  }
}

function repeat(response: ServerResponse, text: string): void {
  const timer = setInterval(() => response.write(text), PING_MS)
  response.on('close', () => clearInterval(timer))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}
