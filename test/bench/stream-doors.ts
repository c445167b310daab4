// The three ways to the same fake vendor: straight, through the proxy, through natterd. Each answers with its times.

import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { createId } from '../../src/protocol/ids.ts'

export interface StreamTimes {
  /** From asking to the first text. */
  readonly firstMs: number
  readonly totalMs: number
}

/**
 * `live`: as vendors send, 100 ms to the first token and 10 ms between two; `stress`: one write a token, as fast as
 * they go; `burst`: all in one write, which leaves the fixed cost of a turn.
 */
export type Pace = 'live' | 'stress' | 'burst'

export type Door = (pace: Pace) => Promise<StreamTimes>

export interface ChatOptions {
  readonly headers?: { readonly [name: string]: string }
  /** Stands before the model's name. */
  readonly prefix?: string
}

/** Straight to a port that speaks Chat Completions. */
export function chatDoor(port: number, { headers = {}, prefix = '' }: ChatOptions = {}): Door {
  const agent = new Agent({ keepAlive: true })
  return async (pace) => {
    const startedAt = performance.now()
    const body = JSON.stringify({
      model: `${prefix}${pace}`,
      messages: [{ role: 'user', content: 'Say a hundred words' }],
      stream: true,
      stream_options: { include_usage: true },
    })
    const options = { agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/chat/completions' }
    const answer = await send({ ...options, headers: { 'content-type': 'application/json', ...headers } }, body)
    return readTimes(answer, { startedAt, first: '"content":" ', last: '[DONE]', closes: false })
  }
}

/** As a client asks the daemon: start the turn, then follow its conversation. `log` false: nothing of it is kept. */
export function natterDoor(socketPath: string, log = true): Door {
  const agent = new Agent({ keepAlive: true })
  return async (pace) => {
    const startedAt = performance.now()
    const headers = { host: 'natterd', 'content-type': 'application/json' }
    const body = { turnId: createId('trn'), prompt: 'Say a hundred words', model: `bench/${pace}`, origin: 'api', log }
    const options = { agent, socketPath, method: 'POST', path: '/api/turns.start', headers }
    const { conversationId } = JSON.parse(await readText(await send(options, JSON.stringify(body)))) as {
      conversationId: string
    }
    const path = `/api/events?conversation=${conversationId}`
    const events = await send({ agent, socketPath, path, headers: { host: 'natterd' } }, '')
    return readTimes(events, { startedAt, first: '"text":" ', last: '"outcome":{"type":"completed"}', closes: true })
  }
}

function send(options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options)
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readText(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8')
  let text = ''
  for await (const chunk of answer) text += chunk
  return text
}

interface Marks {
  readonly startedAt: number
  /** Stands in the event that brings the first text. */
  readonly first: string
  /** Stands in the event that says the answer is whole. */
  readonly last: string
  /** Whether the connection stays open after it, and is ours to close. */
  readonly closes: boolean
}

/** Looks for two words and no more: reading must cost the same through every door. */
function readTimes(answer: IncomingMessage, { startedAt, first, last, closes }: Marks): Promise<StreamTimes> {
  return new Promise((resolve, reject) => {
    let firstMs: number | null = null
    let tail = ''
    let totalMs: number | null = null
    answer.setEncoding('utf8')
    answer.on('data', (chunk: string) => {
      const text = tail + chunk
      if (firstMs === null && text.includes(first)) firstMs = performance.now() - startedAt
      if (totalMs === null && text.includes(last)) {
        totalMs = performance.now() - startedAt
        if (closes) answer.destroy()
      }
      tail = text.slice(-last.length)
    })
    answer.on('close', () => {
      if (firstMs !== null && totalMs !== null) resolve({ firstMs, totalMs })
      else reject(new Error(`The stream ended without its end: status ${answer.statusCode}, "${tail}"`))
    })
    answer.on('error', () => {
      // Told by 'close' as well.
    })
  })
}
