import { expect, it } from 'vitest'
import { createFailures, StatusFailure, StreamFailure } from '../../../daemon/providers/failures.ts'
import { parseDuration, retryAfterOf } from '../../../daemon/providers/retry-after.ts'
import { parseVendorError } from '../../../daemon/providers/vendor-error.ts'
import type { ErrorCode, NatterError } from '../../../src/protocol/errors.ts'
import { endpointOf, TEST_KEY } from '../../helpers/endpoint.ts'

/** Bodies as the vendors document them; the vendor's name, status, body, our code. */
const REFUSALS: readonly (readonly [string, number, unknown, ErrorCode])[] = [
  [
    'OpenAI bad key',
    401,
    openai('Incorrect API key provided', 'invalid_request_error', 'invalid_api_key'),
    'key-refused',
  ],
  [
    'OpenAI model',
    404,
    openai('The model `gpt-9` does not exist', 'invalid_request_error', 'model_not_found'),
    'model-not-found',
  ],
  ['OpenAI context', 400, openai('too long', 'invalid_request_error', 'context_length_exceeded'), 'context-exceeded'],
  ['OpenAI rate', 429, openai('Rate limit reached', 'tokens', 'rate_limit_exceeded'), 'rate-limited'],
  ['OpenAI ramp', 429, openai('Slow down', 'rate_limit_error', 'slow_down'), 'rate-limited'],
  [
    'OpenAI quota',
    429,
    openai('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota'),
    'quota-exhausted',
  ],
  ['OpenAI spend', 429, openai('x', 'insufficient_quota', 'project_spend_limit_exceeded'), 'quota-exhausted'],
  ['OpenAI overload', 503, openai('x', 'service_unavailable_error', 'server_is_overloaded'), 'overloaded'],
  ['OpenAI fault', 500, openai('x', 'server_error', null), 'provider-failed'],
  [
    'OpenAI region',
    403,
    openai('Country not supported', 'request_forbidden', 'unsupported_country_region_territory'),
    'permission-denied',
  ],
  ['OpenAI policy', 400, openai('x', 'image_generation_user_error', 'content_policy_violation'), 'content-filtered'],
  [
    'OpenAI parameter',
    400,
    openai("Unsupported value: 'temperature'", 'invalid_request_error', 'unsupported_value'),
    'invalid-request',
  ],
  ['Anthropic key', 401, anthropic('authentication_error', 'invalid x-api-key'), 'key-refused'],
  ['Anthropic billing', 402, anthropic('billing_error', 'x'), 'quota-exhausted'],
  [
    'Anthropic credit',
    400,
    anthropic('invalid_request_error', 'Your credit balance is too low to access the API'),
    'quota-exhausted',
  ],
  ['Anthropic spend', 429, anthropic('rate_limit_error', 'x', 'enforced_spend_limit_reached'), 'quota-exhausted'],
  ['Anthropic ramp', 429, anthropic('rate_limit_error', 'x', 'ramp_limit_exceeded'), 'rate-limited'],
  ['Anthropic model', 404, anthropic('not_found_error', 'model: claude-9'), 'model-not-found'],
  [
    'Anthropic context',
    400,
    anthropic('invalid_request_error', 'prompt is too long: 250000 tokens > 200000 maximum'),
    'context-exceeded',
  ],
  ['Anthropic size', 413, anthropic('request_too_large', 'Request exceeds the maximum size'), 'too-large'],
  ['Anthropic overload', 529, anthropic('overloaded_error', 'Overloaded'), 'overloaded'],
  ['Anthropic permission', 403, anthropic('permission_error', 'x'), 'permission-denied'],
  [
    'Gemini bad key',
    400,
    gemini(400, 'API key not valid.', 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]),
    'key-refused',
  ],
  ['Gemini no key', 403, gemini(403, "Method doesn't allow unregistered callers", 'PERMISSION_DENIED'), 'key-refused'],
  ['Gemini model', 404, gemini(404, 'models/x is not found for API version v1beta', 'NOT_FOUND'), 'model-not-found'],
  [
    'Gemini minute',
    429,
    gemini(429, 'You exceeded your current quota', 'RESOURCE_EXHAUSTED', [quota('RequestsPerMinute')]),
    'rate-limited',
  ],
  [
    'Gemini day',
    429,
    gemini(429, 'You exceeded your current quota', 'RESOURCE_EXHAUSTED', [quota('RequestsPerDay')]),
    'quota-exhausted',
  ],
  ['Gemini prepay', 402, gemini(402, 'x', 'RESOURCE_EXHAUSTED'), 'quota-exhausted'],
  [
    'Gemini context',
    400,
    gemini(
      400,
      'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
      'INVALID_ARGUMENT',
    ),
    'context-exceeded',
  ],
  ['Gemini overload', 503, gemini(503, 'The model is overloaded.', 'UNAVAILABLE'), 'overloaded'],
  ['Gemini deadline', 504, gemini(504, 'x', 'DEADLINE_EXCEEDED'), 'provider-failed'],
  ['OpenRouter credit', 402, { error: { code: 402, message: 'Insufficient credits' } }, 'quota-exhausted'],
  ['OpenRouter model', 400, { error: { code: 400, message: 'x/y is not a valid model ID' } }, 'model-not-found'],
  [
    'OpenRouter moderation',
    403,
    { error: { code: 403, message: 'x', metadata: { error_type: 'content_policy_violation' } } },
    'content-filtered',
  ],
  [
    'DeepSeek balance',
    402,
    openai('Insufficient Balance', 'unknown_error', 'invalid_request_error'),
    'quota-exhausted',
  ],
  ['DeepSeek no key', 401, 'Authentication Fails (no such user)', 'key-refused'],
  [
    'Groq size',
    413,
    openai(
      'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000',
      'tokens',
      'rate_limit_exceeded',
    ),
    'context-exceeded',
  ],
  ['Groq capacity', 498, openai('x', 'flex_tier', 'capacity_exceeded'), 'overloaded'],
  ['Mistral key', 401, { detail: 'Unauthorized' }, 'key-refused'],
  [
    'Mistral field',
    422,
    { detail: [{ loc: ['body', 'stop'], msg: 'Extra inputs are not permitted', type: 'extra_forbidden' }] },
    'invalid-request',
  ],
  [
    'Mistral flat',
    400,
    { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' },
    'model-not-found',
  ],
  [
    'xAI string',
    400,
    { code: 'Client specified an invalid argument', error: 'Argument not supported: stop' },
    'invalid-request',
  ],
  ['vLLM key', 401, { error: 'Unauthorized' }, 'key-refused'],
  [
    'vLLM flat',
    404,
    { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 },
    'model-not-found',
  ],
  ['Ollama model', 404, openai('model "x" not found, try pulling it first', 'api_error', null), 'model-not-found'],
  [
    'llama.cpp context',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size',
        type: 'exceed_context_size_error',
      },
    },
    'context-exceeded',
  ],
  [
    'llama.cpp loading',
    503,
    { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
    'overloaded',
  ],
  ['wrong address', 404, '<html>404 page not found</html>', 'protocol-error'],
  ['empty body', 502, '', 'provider-failed'],
]

it.each(REFUSALS)('createFailures() translates %s (%i)', (_name, status, body, code) => {
  const failure = translate(new StatusFailure(status, {}, typeof body === 'string' ? body : JSON.stringify(body)))
  expect(failure.code, failure.message).toBe(code)
  expect(failure.message).toMatch(/^Cannot get an answer from "acme": .+\(\d{3}/)
  expect(failure.message).not.toMatch(/\n|\.$/)
})

it('createFailures() says that there is no key instead of blaming one', () => {
  const failures = createFailures(endpointOf({ provider: 'openai', apiKey: null }), 'gpt')
  const failure = failures.translate(new StatusFailure(401, {}, ''))
  expect(failure.code).toBe('key-missing')
  expect(failure.hint).toBe('Run "natter keys set openai" or set OPENAI_API_KEY')
})

it('createFailures() knows no variable for a provider of an odd name', () => {
  const failures = createFailures(endpointOf({ provider: 'constructor' }), 'gpt')
  const { hint } = failures.translate(new StatusFailure(401, {}, ''))
  expect(hint).toBe('Run "natter keys set constructor"')
})

it('createFailures() says how to get a model that Ollama lacks', () => {
  const failures = createFailures(endpointOf({ provider: 'ollama', local: true }), 'qwen3')
  const body = JSON.stringify(openai('model "qwen3" not found, try pulling it first', 'api_error', null))
  expect(failures.translate(new StatusFailure(404, {}, body)).hint).toContain('ollama pull qwen3')
})

it('createFailures() keeps keys out of the message and the cause', () => {
  const body = `Bad key ${TEST_KEY}, also sk-proj-abc***xyz, AIzaSyA1234567890abcdef and "authorization":"Bearer abcdefgh"`
  const failures = createFailures(endpointOf({ headers: { 'x-team': 'team-secret-value' } }), 'm')
  const failure = failures.translate(new StatusFailure(401, {}, `${body} team-secret-value`))
  const told = `${failure.message} ${(failure.cause as Error).message}`
  for (const secret of [TEST_KEY, 'abc***xyz', 'AIzaSyA', 'abcdefgh', 'team-secret-value']) {
    expect(told).not.toContain(secret)
  }
  expect(told).toContain('[redacted]')
})

it('createFailures() keeps the password of a proxy out, as it was written and decoded, whatever it is', () => {
  for (const [written, decoded] of [
    ['100%secret-word', '100%secret-word'],
    ['%ffsecret', '%ffsecret'],
    ['p%40ss%3Aword', 'p@ss:word'],
  ] as const) {
    const failures = createFailures(endpointOf({ proxy: `http://me:${written}@127.0.0.1:1` }), 'm')
    const { message } = failures.translate(new StatusFailure(502, {}, `proxy me:${written} ${decoded}`))
    expect(message).not.toContain(written)
    expect(message).not.toContain(decoded)
  }
})

it('createFailures() keeps at most 4 KB of what the server said', () => {
  const failure = translate(new StatusFailure(500, {}, 'x'.repeat(100_000)))
  expect((failure.cause as Error).message.length).toBe(4096)
  expect(failure.message.length).toBeLessThan(600)
})

it('createFailures() judges a long text by its beginning, so that no text takes seconds to judge', () => {
  const judge = (text: string) => translate(new StatusFailure(400, {}, JSON.stringify({ error: { message: text } })))
  expect(judge(`The prompt is too long${'.'.repeat(3_000)}`).code).toBe('context-exceeded')
  expect(judge(`${'model '.repeat(10_000)}not found`).code).toBe('invalid-request')
})

it('createFailures() takes the status that travels inside a stream', () => {
  const error = parseVendorError(JSON.stringify({ error: { code: 429, message: 'Provider returned error' } }))
  expect(translate(new StreamFailure(error)).code).toBe('rate-limited')
})

it.each<readonly [string, { readonly [name: string]: string }, unknown, number]>([
  ['retry-after-ms first', { 'retry-after-ms': '1500', 'retry-after': '9' }, {}, 1500],
  ['retry-after in seconds', { 'retry-after': '2.5' }, {}, 2500],
  ['RetryInfo', {}, gemini(429, 'x', 'RESOURCE_EXHAUSTED', [{ retryDelay: '37s' }]), 37_000],
  ['the message', {}, openai('Please try again in 2m59.56s.', 'tokens', 'rate_limit_exceeded'), 179_560],
])('createFailures() learns the wait from %s', (_name, headers, body, expected) => {
  expect(translate(new StatusFailure(429, headers, JSON.stringify(body))).retryAfterMs).toBe(expected)
})

it('createFailures() waits for nobody whose money is used up', () => {
  const body = JSON.stringify(openai('x', 'insufficient_quota', 'insufficient_quota'))
  expect(translate(new StatusFailure(429, { 'retry-after': '5' }, body)).retryAfterMs).toBeNull()
})

it('retryAfterOf() reads an HTTP date and never answers less than nothing or more than a day', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  const wait = (value: string) => retryAfterOf({ headers: { 'retry-after': value }, stated: null, message: '' }, now)
  expect(wait('Sun, 22 Nov 2026 10:00:30 GMT')).toBe(30_000)
  expect(wait('Sun, 22 Nov 2026 09:00:00 GMT')).toBe(0)
  expect(wait('99999999')).toBe(86_400_000)
  expect(wait('soon')).toBeNull()
})

it.each([
  ['1s', 1000],
  ['6m0s', 360_000],
  ['12ms', 12],
  ['2m59.56s', 179_560],
  ['1h', 3_600_000],
  ['', null],
  ['later', null],
  ['-1', null],
])('parseDuration() reads "%s" as %o', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

function translate(error: unknown): NatterError {
  return createFailures(endpointOf({}), 'model').translate(error)
}

function openai(message: string, type: string, code: string | null) {
  return { error: { message, type, param: null, code } }
}

function anthropic(type: string, message: string, errorCode?: string) {
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } }
  return { type: 'error', error: { type, message, ...details }, request_id: 'req_1' }
}

function gemini(code: number, message: string, status: string, details: readonly object[] = []) {
  return { error: { code, message, status, details } }
}

function quota(quotaId: string) {
  return { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'm', quotaId }] }
}
