// Looks for model servers on this machine's usual ports.

import { fetchJson } from './fetch-json.ts'
import { toOpenAIModels } from './openai/models.ts'
import { PRESETS } from './presets.ts'
import type { Endpoint, ListedModel } from './provider.ts'
import type { Transport } from './transport.ts'

export interface LocalServer {
  /** The preset it was found as. */
  readonly provider: LocalProvider
  readonly baseUrl: string
  readonly models: readonly ListedModel[]
}

export type LocalProvider = (typeof LOCAL_PROVIDERS)[number]

export interface Discovery {
  /** The value of OLLAMA_HOST; it moves where Ollama is looked for. */
  readonly ollamaHost?: string | null
  /** For tests: where to look, by provider. */
  readonly baseUrls?: { readonly [Provider in LocalProvider]?: string }
}

/** In the order in which one becomes the default. */
const LOCAL_PROVIDERS = ['ollama', 'lmstudio', 'llamacpp', 'vllm'] as const
/** A server on this machine that needs longer is busy, and asking again costs nothing. */
const PROBE_MS = 300
const OLLAMA_PORT = '11434'

/** Servers that gave a valid list of models within 300 ms; anything else that listens there is not one. */
export async function discoverServers(
  discovery: Discovery,
  transport: Transport,
  signal: AbortSignal,
): Promise<readonly LocalServer[]> {
  const found = await Promise.all(LOCAL_PROVIDERS.map((provider) => probe(provider, discovery, transport, signal)))
  signal.throwIfAborted()
  return found.filter((server) => server !== null)
}

async function probe(
  provider: LocalProvider,
  discovery: Discovery,
  transport: Transport,
  signal: AbortSignal,
): Promise<LocalServer | null> {
  const baseUrl = baseUrlOf(provider, discovery)
  const timers = { connect: PROBE_MS, firstByte: PROBE_MS, progress: PROBE_MS, total: PROBE_MS }
  const endpoint: Endpoint = {
    provider,
    format: 'openai-chat',
    baseUrl,
    apiKey: null,
    headers: {},
    local: true,
    proxy: null,
    timers,
  }
  try {
    const answer = await fetchJson({ url: `${baseUrl}/models`, headers: {} }, endpoint, transport, signal)
    // Ollama without any model says null.
    if (!Array.isArray(answer['data']) && answer['data'] !== null) return null
    return { provider, baseUrl, models: toOpenAIModels(answer['data']) }
  } catch {
    // Nothing there, or something else: both mean that there is no server to use.
    return null
  }
}

function baseUrlOf(provider: LocalProvider, { ollamaHost, baseUrls }: Discovery): string {
  const given = baseUrls?.[provider]
  if (given !== undefined) return given
  const host = provider === 'ollama' ? fromOllamaHost(ollamaHost ?? '') : null
  return host ?? PRESETS[provider].baseUrl
}

/**
 * The OpenAI-compatible base URL for a value of OLLAMA_HOST: `host`, `host:port`, `:port` or a URL. Its wildcard
 * addresses tell the server to listen everywhere; for a client they mean this machine. Null where it is empty or nonsense.
 */
export function fromOllamaHost(value: string): string | null {
  const trimmed = value.trim().replace(/^["']|["']$/g, '')
  if (trimmed === '') return null
  const withHost = trimmed.startsWith(':') ? `127.0.0.1${trimmed}` : trimmed
  const text = withHost.includes('://') ? withHost : `http://${withHost}`
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  // A URL that names its scheme means that scheme's own port; a bare host means Ollama's.
  if (url.port === '' && !withHost.includes('://') && !/:\d+$/.test(withHost)) url.port = OLLAMA_PORT
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/v1`
}
