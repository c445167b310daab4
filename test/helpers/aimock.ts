// One loopback server that answers as OpenAI, Anthropic and Gemini; the prompt's words choose what it does.

import { LLMock } from '@copilotkit/aimock'
import { createLab, type Lab, type Scenario } from './lab.ts'
import type { NetworkFormat } from './wire.ts'

export interface Aimock extends AsyncDisposable {
  readonly url: string
  /** The base URL to configure for a wire format. */
  readonly baseUrls: { readonly [Format in NetworkFormat]: string }
  /** The same for a server that misbehaves in one way, whatever it is asked. */
  labUrl(format: NetworkFormat, scenario: Scenario): string
  readonly lab: Lab
  /** The JSON bodies of all requests so far, oldest first. */
  readonly requests: readonly unknown[]
  /** For what a test needs beyond the keywords. */
  readonly mock: LLMock
}

const LONG = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ')
/** The counts under each format's own names. */
const USAGE = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  input_tokens: 11,
  output_tokens: 7,
  promptTokenCount: 11,
  candidatesTokenCount: 7,
  totalTokenCount: 18,
}
const SLOW_MS = 1500
/** What the model of the keyword "weather" wants to have called. */
export const WEATHER_CALLS = [
  { name: 'get_weather', arguments: '{"city":"Oslo","days":3}' },
  { name: 'get_time', arguments: '{"zone":"CET"}' },
]
/** A PNG of one pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/**
 * Keywords in the last user message: hello (paced), think (reasoning and usage), ratelimited (429, 1 s), noquota, toolong,
 * overloaded (529), boom (500), badkey (401), truncate (cut after 4 chunks), cutoff (cut after 300 ms), stall (5 s between
 * chunks), flaky (429, then 503, then an answer), echo (model and number of messages), slow (head after 1.5 s), long (60
 * words, 20 ms each), markdown, weather (calls get_weather and get_time at once; with their results: what they were);
 * anything else gets "default answer". Embeddings of "embed" are [0.25, -0.5]; "otter" is drawn as one picture.
 */
export async function startAimock(): Promise<Aimock> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 8, strict: true })
  const lab = createLab()
  // The first match wins, and "toolong" contains "long".
  addFailures(mock)
  addAnswers(mock)
  mock.onMessage(/.*/s, { content: 'default answer' })
  mock.mount('/lab', {
    async handleRequest(request, response) {
      await lab.handle(request, response, (request.url ?? '').slice('/lab'.length))
      return true
    },
  })
  mock.mount('/v1beta/models', {
    async handleRequest(request, response) {
      if (request.method !== 'GET') return false
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ models: [{ name: 'models/gemini-3.8-flash', inputTokenLimit: 1_048_576 }] }))
      return true
    },
  })
  await mock.start()
  const { url } = mock
  return {
    url,
    mock,
    lab,
    baseUrls: baseUrlsOf(url),
    labUrl: (format, scenario) => baseUrlsOf(`${url}/lab/${scenario}`)[format],
    get requests() {
      return mock.getRequests().map((entry) => entry.body)
    },
    [Symbol.asyncDispose]: () => mock.stop(),
  }
}

function baseUrlsOf(url: string): Aimock['baseUrls'] {
  return { 'openai-chat': `${url}/v1`, 'openai-responses': `${url}/v1`, anthropic: url, gemini: url }
}

function addAnswers(mock: LLMock): void {
  mock.onMessage(
    'hello',
    { content: 'Hello from aimock, streamed in small pieces.' },
    { streamingProfile: { ttft: 30, tps: 100, jitter: 0 } },
  )
  mock.onMessage('think', { content: 'The answer is 42.', reasoning: 'Let me think step by step.', usage: USAGE })
  mock.onMessage('markdown', { content: '# Title\n\nSome **bold** text.\n\n```js\nconst a = 1\n```\n' })
  mock.onMessage('long', { content: LONG }, { latency: 20 })
  mock.on({ userMessage: 'weather', hasToolResult: false }, { toolCalls: WEATHER_CALLS })
  mock.on({ userMessage: 'weather', hasToolResult: true }, (request) => ({
    content: request.messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : [])).join(' and '),
  }))
  mock.onEmbedding('embed', { embedding: [0.25, -0.5] })
  mock.onImage('otter', { images: [{ b64Json: PIXEL }] })
  mock.onMessage('echo', (request) => ({ content: `model=${request.model} messages=${request.messages.length}` }))
  mock.onMessage('slow', async () => {
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
    return { content: 'late but fine' }
  })
}

function addFailures(mock: LLMock): void {
  const limited = { message: 'Rate limit reached for requests', type: 'rate_limit_error', code: 'rate_limit_exceeded' }
  const quota = { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' }
  const context = "This model's maximum context length is 128000 tokens."
  mock.onMessage('ratelimited', { error: limited, status: 429, retryAfter: 1 })
  mock.onMessage('noquota', { error: quota, status: 429 })
  mock.onMessage('toolong', {
    error: { message: context, type: 'invalid_request_error', code: 'context_length_exceeded' },
    status: 400,
  })
  mock.onMessage('overloaded', { error: { message: 'Overloaded', type: 'overloaded_error' }, status: 529 })
  mock.onMessage('boom', { error: { message: 'The server had an error', type: 'server_error' }, status: 500 })
  mock.onMessage('badkey', {
    error: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' },
    status: 401,
  })
  mock.onMessage('truncate', { content: LONG }, { truncateAfterChunks: 4, latency: 20 })
  mock.onMessage('cutoff', { content: LONG }, { disconnectAfterMs: 300, latency: 40 })
  mock.onMessage('stall', { content: LONG }, { streamingProfile: { ttft: 50, tps: 0.2 } })
  mock.on({ userMessage: 'flaky', sequenceIndex: 0 }, { error: limited, status: 429, retryAfter: 1 })
  mock.on(
    { userMessage: 'flaky', sequenceIndex: 1 },
    { error: { message: 'server error', type: 'server_error' }, status: 503 },
  )
  mock.onMessage('flaky', { content: 'third time lucky' })
}
