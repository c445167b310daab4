// The rooms of a turn for tests: a real store and hub, and a provider that says what it is told to.

import { createMemoryHub } from '../../daemon/hub/memory-hub.ts'
import type { FoundKey } from '../../daemon/keys/keys.ts'
import { createLimits } from '../../daemon/limits/limits.ts'
import { UNKNOWN_LIMITS } from '../../daemon/limits/presets.ts'
import { createMetrics } from '../../daemon/metrics/metrics.ts'
import { PRESETS } from '../../daemon/providers/presets.ts'
import type { Endpoint, Provider, ProviderRequest, StreamOptions } from '../../daemon/providers/provider.ts'
import { NO_EMBEDDINGS, NO_IMAGES } from '../../daemon/providers/unsupported.ts'
import { createRecent } from '../../daemon/recent.ts'
import type { Settings } from '../../daemon/settings-schema.ts'
import { createJoining } from '../../daemon/turn/joining.ts'
import type { Rooms } from '../../daemon/turn/rooms.ts'
import type { StreamPart } from '../../src/protocol/stream.ts'
import { openTemporaryStore } from './store.ts'

export type Script = (request: ProviderRequest, options: StreamOptions) => AsyncIterable<readonly StreamPart[]>

export interface ScriptedProvider {
  /** What the next calls do, in order; without one a call answers "ok". */
  enqueue(script: Script): void
  readonly calls: readonly { readonly endpoint: Endpoint; readonly request: ProviderRequest }[]
}

export interface TestRooms extends AsyncDisposable {
  readonly rooms: Rooms
  readonly provider: ScriptedProvider
  readonly keys: Map<string, string>
  settings: Settings
  budgetMicros: number | null
  /** Of each device. */
  deviceBudgetMicros: number | null
}

export async function createTestRooms(): Promise<TestRooms> {
  const opened = await openTemporaryStore()
  let seq = await opened.store.reserveSequence(1_000_000)
  const nextSeq = () => {
    seq += 1
    return seq
  }
  const hub = createMemoryHub({ nextSeq })
  const scripts: Script[] = []
  const calls: { endpoint: Endpoint; request: ProviderRequest }[] = []
  const keys = new Map<string, string>()
  const state = {
    settings: {} as Settings,
    budgetMicros: null as number | null,
    deviceBudgetMicros: null as number | null,
  }
  const rooms: Rooms = {
    store: opened.store,
    hub,
    providers: {
      presets: PRESETS,
      provider: (endpoint) => scriptedProvider(endpoint, calls, scripts),
      discoverLocal: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
    catalogue: {
      pricesDate: () => Promise.resolve('2026-01-01'),
      list: () => Promise.resolve([]),
      get: () => Promise.resolve(null),
      defaultModel: (provider) => `${provider}/default`,
      cost: (model) => Promise.resolve(model.startsWith('unknown/') ? null : 42),
      refresh: () => Promise.reject(new Error('not in tests')),
    },
    tokens: {
      count: (_model, text) => Promise.resolve({ tokens: text.length, estimated: true }),
      estimate: (_model, text) => text.length,
      calibrate() {},
      [Symbol.dispose]() {},
    },
    keys: {
      path: '/nowhere',
      storage: () => Promise.resolve('file'),
      get: (provider) => Promise.resolve(toFound(keys.get(provider))),
      set: () => Promise.resolve(),
      remove: () => Promise.resolve(false),
      list: () => Promise.resolve([]),
      [Symbol.dispose]() {},
    },
    limits: createLimits({
      limitsOf: () => UNKNOWN_LIMITS,
      budget: {
        limitOf: (deviceId) => (deviceId === null ? state.budgetMicros : state.deviceBudgetMicros),
        ledger: () => 0,
        now: Date.now,
      },
      random: () => 0,
    }),
    joining: createJoining(),
    summaryFailures: createRecent(10),
    metrics: createMetrics(),
    hideKey() {},
    settings: () => state.settings,
    log: { warn() {}, info() {} },
    now: Date.now,
  }
  return {
    rooms,
    keys,
    provider: { enqueue: (script) => scripts.push(script), calls },
    get budgetMicros() {
      return state.budgetMicros
    },
    set budgetMicros(next) {
      state.budgetMicros = next
    },
    get deviceBudgetMicros() {
      return state.deviceBudgetMicros
    },
    set deviceBudgetMicros(next) {
      state.deviceBudgetMicros = next
    },
    get settings() {
      return state.settings
    },
    set settings(next) {
      state.settings = next
    },
    async [Symbol.asyncDispose]() {
      hub[Symbol.dispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

function toFound(key: string | undefined): FoundKey | null {
  return key === undefined ? null : { key, source: 'file', detail: key.slice(-4) }
}

function scriptedProvider(
  endpoint: Endpoint,
  calls: { endpoint: Endpoint; request: ProviderRequest }[],
  scripts: Script[],
): Provider {
  return {
    stream(request, options) {
      calls.push({ endpoint, request })
      const script = scripts.shift() ?? says(['ok'])
      return script(request, options)
    },
    embed: NO_EMBEDDINGS,
    drawImages: NO_IMAGES,
    listModels: () => Promise.resolve([]),
  }
}

/** A complete answer in these pieces. */
export function says(pieces: readonly string[]): Script {
  return async function* () {
    for (const text of pieces) yield [{ type: 'text-delta', text }]
    yield [
      {
        type: 'usage',
        usage: {
          inputTokens: 3,
          outputTokens: 5,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          reasoningTokens: 0,
          estimated: false,
        },
      },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]
  }
}

/** Some text, then an error. */
export function breaks(pieces: readonly string[], error: unknown): Script {
  return async function* () {
    for (const text of pieces) yield [{ type: 'text-delta', text }]
    throw error
  }
}

/** Some text, then silence until it is stopped. */
export function hangs(pieces: readonly string[]): Script {
  return async function* (_request, { signal }) {
    for (const text of pieces) yield [{ type: 'text-delta', text }]
    await new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }
}
