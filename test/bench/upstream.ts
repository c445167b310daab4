// A fake vendor in a process of its own: Chat Completions, 100 tokens, as fast or as slow as the model's name says.
// GET answers how many calls are open. Prints its port.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay, setImmediate as nextLoop } from 'node:timers/promises'

const TOKENS = 100
const FIRST_TOKEN_MS = 100
const TOKEN_MS = 10

const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'bench' }
const chunkOf = (delta: object, finish_reason: string | null = null) =>
  event({ ...head, system_fingerprint: 'fp_0123456789', choices: [{ index: 0, delta, logprobs: null, finish_reason }] })
const opening = chunkOf({ role: 'assistant', content: '', refusal: null })
const tokens = Array.from({ length: TOKENS }, (_, index) => chunkOf({ content: ` word${index}` }))
const usage = event({
  ...head,
  choices: [],
  usage: { prompt_tokens: 8, completion_tokens: TOKENS, total_tokens: TOKENS + 8 },
})
const ending = `${chunkOf({}, 'stop')}${usage}data: [DONE]\n\n`

let open = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(String(open))
  open += 1
  response.on('close', () => {
    open -= 1
  })
  // A caller that left is nothing to report here.
  answer(request, response).catch(() => response.destroy())
})
// The rounds are further apart than the five seconds that a connection is kept.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.setEncoding('utf8')
  let body = ''
  for await (const chunk of request) body += chunk
  const { model } = JSON.parse(body) as { model: string }
  // A model that says nothing, and one that never ends: for callers that leave.
  if (model === 'silent') return
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (model === 'burst') return void response.end(opening + tokens.join('') + ending)
  if (model === 'live') await delay(FIRST_TOKEN_MS)
  response.write(opening)
  if (model === 'endless') return flood(response)
  const startedAt = performance.now()
  for (const [index, token] of tokens.entries()) {
    if (response.destroyed) return
    response.write(token)
    if (model === 'stress') await nextLoop()
    else await delay(Math.max(0, startedAt + (index + 1) * TOKEN_MS - performance.now()))
  }
  response.end(ending)
}

async function flood(response: ServerResponse): Promise<void> {
  const many = tokens.join('')
  while (!response.destroyed) {
    if (!response.write(many)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
    await nextLoop()
  }
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
