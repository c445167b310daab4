// One table from a vendor's refusal to our closed list of codes: status and codes first, wording last.

import type { ErrorCode } from '../../src/protocol/errors.ts'
import type { Endpoint } from './provider.ts'
import type { VendorError } from './vendor-error.ts'

export interface Refusal extends Omit<VendorError, 'status'> {
  /** Null where the failure came inside a stream and named no status. */
  readonly status: number | null
}

export interface Classified {
  readonly code: ErrorCode
  /** How things are, to follow a colon. */
  readonly how: string
  readonly hint: string | null
}

const MONEY =
  /insufficient_quota|credit_balance_exhausted|spend_limit|organization_usage_limit|billing_error|insufficient_balance|insufficient_credits|quota_exhausted|PerDay/i
const MONEY_WORDS =
  /credit balance is too low|insufficient (?:balance|credits?|funds|quota)|prepayment credits|monthly (?:token|spending) limit/i
const KEY = /invalid_api_key|authentication_error|API_KEY_INVALID|UNAUTHENTICATED|invalid_authentication/i
const KEY_WORDS = /api[ _-]?key (?:not valid|expired)|invalid api[ _-]?key|incorrect api key|unregistered callers/i
const CONTEXT = /context_length_exceeded|exceed_context_size|context_window|string_above_max_length/i
const CONTEXT_WORDS =
  /context (?:length|window|size)|maximum context|prompt is too long|input token count|too many (?:input )?tokens|tokens per minute.*(?:requested|too large)|request too large for model|reduce the length/i
const MODEL = /model_not_found|model_not_available|unknown_model|invalid_model/i
const MODEL_WORDS =
  /\bmodels?\b.*(?:not found|not exist|not supported|not a valid|unknown)|not a valid model|no such model|is not found for API version/i
const CONTENT = /content_policy|content_filter|invalid_prompt|_policy(?:_violation)?$|PROHIBITED_CONTENT|moderation/i
const LIMIT = /rate_limit|slow_down|RESOURCE_EXHAUSTED|ramp_limit|too_many_requests/i
const OVERLOAD = /overloaded|UNAVAILABLE|capacity_exceeded|engine_overloaded/i
/** Some of these take quadratic time, and a server may say 64 KB of anything; what it means stands at the beginning. */
const READ_CHARS_MAX = 2_000

export function classify(refusal: Refusal, endpoint: Endpoint, model: string): Classified {
  const { provider } = endpoint
  const code = codeOf(refusal, endpoint)
  return { code, how: HOW[code] ?? 'it failed', hint: hintFor(code, refusal, endpoint, model) ?? null, ...naming() }

  function naming(): { readonly how?: string } {
    if (code === 'model-not-found') return { how: `the model "${model}" is not offered there` }
    if (code === 'key-missing') return { how: `there is no key for "${provider}"` }
    return {}
  }
}

function codeOf(refusal: Refusal, endpoint: Endpoint): ErrorCode {
  const { status } = refusal
  const message = refusal.message.slice(0, READ_CHARS_MAX)
  const words = [refusal.type ?? '', ...refusal.codes].join(' ').slice(0, READ_CHARS_MAX)
  if (status === 402 || MONEY.test(words) || MONEY_WORDS.test(message)) return 'quota-exhausted'
  if (status === 401 || KEY.test(words) || (status !== 429 && KEY_WORDS.test(message))) {
    return endpoint.apiKey === null ? 'key-missing' : 'key-refused'
  }
  if (CONTENT.test(words)) return 'content-filtered'
  if (CONTEXT.test(words) || (status !== 429 && CONTEXT_WORDS.test(message))) return 'context-exceeded'
  if (MODEL.test(words) || ((status === 404 || status === 400) && MODEL_WORDS.test(message))) return 'model-not-found'
  if (status === 429 || LIMIT.test(words)) return 'rate-limited'
  if (status === 503 || status === 529 || status === 498 || OVERLOAD.test(words)) return 'overloaded'
  return fromStatus(status, refusal)
}

function fromStatus(status: number | null, refusal: Refusal): ErrorCode {
  if (status === null) return refusal.type === 'invalid_request_error' ? 'invalid-request' : 'provider-failed'
  if (status === 403) return 'permission-denied'
  if (status === 404) return refusal.type === 'not_found_error' ? 'model-not-found' : 'protocol-error'
  if (status === 413) return 'too-large'
  if (status < 400) return 'protocol-error'
  if (status === 408 || status === 409 || status === 425 || status >= 499) return 'provider-failed'
  return 'invalid-request'
}

const HOW: { readonly [Code in ErrorCode]?: string } = {
  'quota-exhausted': 'its quota or credit is used up',
  'key-refused': 'the key was refused',
  'permission-denied': 'this key may not do that',
  'content-filtered': 'its content policy refused the request',
  'context-exceeded': 'the conversation is longer than the model takes',
  'rate-limited': 'it limits how often we may ask',
  overloaded: 'it is overloaded',
  'too-large': 'the request is larger than it takes',
  'protocol-error': 'it does not know this address',
  'invalid-request': 'it does not accept the request',
}

function hintFor(code: ErrorCode, refusal: Refusal, endpoint: Endpoint, model: string): string | null {
  const { provider } = endpoint
  switch (code) {
    case 'key-missing':
    case 'key-refused':
      return `Run "natter keys set ${provider}"${variableOf(provider)}`
    case 'quota-exhausted':
      return `Check the plan and billing of "${provider}", or choose another model with -m`
    case 'model-not-found':
      if (provider === 'ollama') return `Run "ollama pull ${model}", or "natter models ${provider}" for those it has`
      return `Run "natter models ${provider}" to see the models it offers`
    case 'context-exceeded':
      return 'Start a new conversation, or choose a model with a larger context window'
    case 'rate-limited':
    case 'overloaded':
      return 'Wait a little and ask again, or choose another model with -m'
    case 'protocol-error':
      return `Check the base URL of "${provider}"`
    case 'content-filtered':
      return 'Word the request differently'
    default:
      return refusal.status !== null && refusal.status >= 500 ? 'Ask again in a moment' : null
  }
}

const VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    openai: 'OPENAI_API_KEY',
    anthropic: 'ANTHROPIC_API_KEY',
    gemini: 'GEMINI_API_KEY',
    openrouter: 'OPENROUTER_API_KEY',
    groq: 'GROQ_API_KEY',
  }),
)

function variableOf(provider: string): string {
  const variable = VARIABLES.get(provider)
  return variable === undefined ? '' : ` or set ${variable}`
}
