// A vendor that limits as OpenAI documents it: requests and tokens of the last minute for each key, counted when a
// request arrives, told in the head of each answer, refused with 429. developers.openai.com/api/docs/guides/rate-limits

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VendorLimits {
  readonly requestsPerMinute: number
  readonly tokensPerMinute: number
}

export interface LimitedVendor extends AsyncDisposable {
  /** What `baseUrl` of a provider is set to. */
  readonly baseUrl: string
  readonly answered: number
  /** How many were refused: a gateway that does its work has none. */
  readonly refused: number
  /** The most that ran at once. */
  readonly mostAtOnce: number
  /** The prompts in the order in which they arrived. */
  readonly prompts: readonly string[]
}

export interface VendorOptions {
  readonly limits: VendorLimits
  /** How long an answer takes, in milliseconds. */
  readonly answerMs?: number
  readonly now?: () => number
}

const MINUTE_MS = 60_000
const ANSWER = 'yes indeed'
const ANSWER_TOKENS = 2

export async function startLimitedVendor({
  limits,
  answerMs = 20,
  now = Date.now,
}: VendorOptions): Promise<LimitedVendor> {
  const meter = createVendorMeter(limits, now)
  const prompts: string[] = []
  let answered = 0
  let refused = 0
  let running = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  // A crowd may be silent for long while it waits for its minute.
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get answered() {
      return answered
    },
    get refused() {
      return refused
    },
    get mostAtOnce() {
      return mostAtOnce
    },
    prompts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { messages } = JSON.parse(await readBody(request)) as { messages: { content: string }[] }
    const prompt = messages.at(-1)?.content ?? ''
    prompts.push(prompt)
    const verdict = meter.arrive(Math.ceil(prompt.length / 4) + ANSWER_TOKENS)
    if (!verdict.admitted) {
      refused += 1
      response.writeHead(429, { ...verdict.headers, 'content-type': 'application/json', 'retry-after-ms': '1000' })
      response.end(JSON.stringify({ error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } }))
      return
    }
    running += 1
    mostAtOnce = Math.max(mostAtOnce, running)
    await new Promise((resolve) => setTimeout(resolve, answerMs))
    running -= 1
    answered += 1
    response.writeHead(200, { ...verdict.headers, 'content-type': 'text/event-stream' })
    response.end(`${chunk({ content: ANSWER }, null)}${chunk({}, 'stop')}${usage(prompt)}data: [DONE]\n\n`)
  }
}

export interface VendorMeter {
  arrive(tokens: number): { readonly admitted: boolean; readonly headers: { readonly [name: string]: string } }
}

/** The limits alone, for tests whose clock is not the wall's. */
export function createVendorMeter(limits: VendorLimits, now: () => number): VendorMeter {
  const arrivals: { readonly at: number; readonly tokens: number }[] = []
  let first = 0
  let tokensUsed = 0
  return {
    arrive(tokens) {
      const at = now()
      for (
        let oldest = arrivals[first];
        oldest !== undefined && oldest.at <= at - MINUTE_MS;
        oldest = arrivals[first]
      ) {
        tokensUsed -= oldest.tokens
        first += 1
      }
      const requests = arrivals.length - first
      const admitted = requests < limits.requestsPerMinute && tokensUsed + tokens <= limits.tokensPerMinute
      if (admitted) {
        arrivals.push({ at, tokens })
        tokensUsed += tokens
      }
      const left = limits.requestsPerMinute - (arrivals.length - first)
      return {
        admitted,
        headers: {
          'x-ratelimit-limit-requests': String(limits.requestsPerMinute),
          'x-ratelimit-remaining-requests': String(left),
          'x-ratelimit-reset-requests': '60s',
          'x-ratelimit-limit-tokens': String(limits.tokensPerMinute),
          'x-ratelimit-remaining-tokens': String(limits.tokensPerMinute - tokensUsed),
          'x-ratelimit-reset-tokens': '1m0s',
        },
      }
    },
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let body = ''
  for await (const text of request) body += text
  return body
}

function chunk(delta: object, finish: string | null): string {
  return event({ choices: [{ index: 0, delta, finish_reason: finish }] })
}

function usage(prompt: string): string {
  const prompt_tokens = Math.ceil(prompt.length / 4)
  return event({ choices: [], usage: { prompt_tokens, completion_tokens: ANSWER_TOKENS } })
}

function event(value: object): string {
  return `data: ${JSON.stringify({ object: 'chat.completion.chunk', id: 'chatcmpl-limited', ...value })}\n\n`
}
