// The providers that natter knows by name, so that a key, or a running server, is all a user has to bring.

import type { StreamTimers, WireFormat } from './provider.ts'

export interface Preset {
  /** As people write it. */
  readonly title: string
  readonly format: WireFormat
  readonly baseUrl: string
  /** Environment variables that may hold the key; the first that is set wins. */
  readonly keyVariables: readonly string[]
  readonly baseUrlVariable: string | null
  /** Runs on the user's machine, needs no key, may have to load a model first. */
  readonly local: boolean
  readonly timers: StreamTimers
}

const MINUTE = 60_000

/** Reasoning may be silent for minutes before its first word. */
const CLOUD_TIMERS: StreamTimers = {
  // Four round trips of a slow mobile network; a turn that reaches nobody says so within two seconds.
  connect: 1800,
  firstByte: 2 * MINUTE,
  progress: 5 * MINUTE,
  total: 15 * MINUTE,
}

/** A server on this machine or in this house answers its connection at once, but may load a model for minutes. */
const LOCAL_TIMERS: StreamTimers = {
  connect: 1800,
  firstByte: 5 * MINUTE,
  progress: 5 * MINUTE,
  total: 15 * MINUTE,
}

export const PRESETS = {
  openai: cloud('OpenAI', 'openai-responses', 'https://api.openai.com/v1', ['OPENAI_API_KEY'], 'OPENAI_BASE_URL'),
  anthropic: cloud('Anthropic', 'anthropic', 'https://api.anthropic.com', ['ANTHROPIC_API_KEY'], 'ANTHROPIC_BASE_URL'),
  gemini: cloud(
    'Google Gemini',
    'gemini',
    'https://generativelanguage.googleapis.com',
    ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    'GEMINI_BASE_URL',
  ),
  openrouter: cloud('OpenRouter', 'openai-chat', 'https://openrouter.ai/api/v1', ['OPENROUTER_API_KEY']),
  groq: cloud('Groq', 'openai-chat', 'https://api.groq.com/openai/v1', ['GROQ_API_KEY']),
  mistral: cloud('Mistral', 'openai-chat', 'https://api.mistral.ai/v1', ['MISTRAL_API_KEY']),
  deepseek: cloud('DeepSeek', 'openai-chat', 'https://api.deepseek.com/v1', ['DEEPSEEK_API_KEY']),
  xai: cloud('xAI', 'openai-chat', 'https://api.x.ai/v1', ['XAI_API_KEY']),
  ollama: local('Ollama', 'http://127.0.0.1:11434/v1', 'OLLAMA_HOST'),
  llamacpp: local('llama.cpp', 'http://127.0.0.1:8080/v1'),
  lmstudio: local('LM Studio', 'http://127.0.0.1:1234/v1'),
  vllm: local('vLLM', 'http://127.0.0.1:8000/v1'),
  demo: { ...local('Demo', 'http://127.0.0.1'), format: 'demo' },
} as const satisfies { readonly [provider: string]: Preset }

export type PresetName = keyof typeof PRESETS

/** The timers of a provider that only the user knows. */
export function defaultTimers(isLocal: boolean): StreamTimers {
  return isLocal ? LOCAL_TIMERS : CLOUD_TIMERS
}

function cloud(
  title: string,
  format: WireFormat,
  baseUrl: string,
  keyVariables: readonly string[],
  baseUrlVariable: string | null = null,
): Preset {
  return { title, format, baseUrl, keyVariables, baseUrlVariable, local: false, timers: CLOUD_TIMERS }
}

function local(title: string, baseUrl: string, baseUrlVariable: string | null = null): Preset {
  const format: WireFormat = 'openai-chat'
  return { title, format, baseUrl, keyVariables: [], baseUrlVariable, local: true, timers: LOCAL_TIMERS }
}
