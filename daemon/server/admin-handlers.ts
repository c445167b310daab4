// Operations on the daemon itself: its state, models, keys, settings and database.

import { resolve } from 'node:path'
import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import type { ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { KeyStore } from '../keys/keys.ts'
import type { Spending } from '../limits/budget.ts'
import type { Catalogue } from '../models/models.ts'
import type { Providers } from '../providers/registry.ts'
import type { SettingsFile } from '../settings.ts'
import type { Store } from '../store/store.ts'
import type { Handlers } from './handlers.ts'

const REFRESH_MS = 60_000
/** What a summary covers where nobody says. */
const DAYS_MS = 30 * 86_400_000
const ROWS = 100
/** They would name what an object is made of, or what the settings' package keeps for itself, not a setting. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor', '__internal__'])

export interface AdminRooms {
  readonly store: Store
  readonly keys: KeyStore
  readonly providers: Providers
  readonly catalogue: Catalogue
  readonly spending: Spending
  readonly settings: SettingsFile
  readonly status: () => Promise<ResponseOf<'status'>>
  readonly activeTurns: () => number
  /** Begins to stop; the answer is sent before the door closes. */
  readonly stop: (options: { readonly drain: boolean }) => void
  readonly listModels: Handlers['models.list']
  readonly limitsStatus: () => Promise<ResponseOf<'limits.status'>>
}

type AdminHandlers = Omit<
  Handlers,
  Extract<keyof Handlers, `${'conversations' | 'devices' | 'messages' | 'serve' | 'turns'}.${string}`>
>

export function createAdminHandlers(rooms: AdminRooms): AdminHandlers {
  const { store, keys, catalogue, settings, spending } = rooms
  return {
    status: () => rooms.status(),
    shutdown: ({ drain = true, onlyIfIdle = false }) => {
      const activeTurns = rooms.activeTurns()
      const stopping = !onlyIfIdle || activeTurns === 0
      if (stopping) rooms.stop({ drain })
      return Promise.resolve({ stopping, activeTurns })
    },
    'usage.summary': async ({ by, since, until, limit = ROWS }) => {
      const now = Date.now()
      const range = { since: since ?? now - DAYS_MS, until: until ?? now + 1 }
      return { rows: [...(await store.usage.report({ by, limit, ...range }))], month: { ...spending.spent(null) } }
    },
    'limits.status': () => rooms.limitsStatus(),
    'models.list': rooms.listModels,
    'models.refresh': async () => ({ ...(await catalogue.refresh(AbortSignal.timeout(REFRESH_MS))) }),
    'keys.list': async ({ environment = {} }) => ({
      storage: await keys.storage(),
      path: keys.path,
      keys: [...keysOfShell(rooms.providers, environment), ...(await keys.list())],
    }),
    'keys.set': async ({ provider, key }) => {
      await keys.set(provider, key)
      return { storage: await keys.storage() }
    },
    'keys.remove': async ({ provider }) => ({ removed: await keys.remove(provider) }),
    'config.get': async ({ name }) => {
      if (name === undefined) return { value: settings.all() }
      checkName(name, 'read')
      return { value: settings.get(name) ?? null }
    },
    'config.set': async ({ name, value }) => {
      checkName(name, 'set')
      settings.set(name, value)
      return { value: settings.get(name) ?? null }
    },
    'store.check': async () => {
      const { ok, problems, messages } = await store.maintenance.check()
      return { ok, problems: [...problems], messages }
    },
    'store.backup': async ({ file }) => {
      if (resolve(file) !== file) {
        throw new NatterError('invalid-request', `Cannot back up to "${file}": the path must be absolute`, {
          hint: 'Give the whole path, from "/" on',
        })
      }
      return { file, bytes: (await store.maintenance.backup(file)).bytes }
    },
  }
}

/** Names that reach past a setting's own fields, or are no names at all, would be passed over or fail as ours. */
function checkName(name: string, verb: 'read' | 'set'): void {
  // A backslash takes the next character as it is, wherever it stands in a segment.
  const segments = name.replaceAll('\\', '').split(/[.[\]]/)
  const rest = name.replaceAll(/\\./gs, '_').replaceAll(/\[\d+\](?=[.[]|$)/g, '')
  if (!rest.includes('[') && !segments.some((segment) => RESERVED.has(segment))) return
  throw new NatterError('invalid-request', `Cannot ${verb} "${name}": there is no setting "${name}"`, {
    hint: 'See "Settings" in the README for what there is',
  })
}

function keysOfShell(providers: Providers, environment: ProviderEnvironment): ResponseOf<'keys.list'>['keys'] {
  const values: { readonly [name: string]: string | undefined } = environment
  return Object.entries(providers.presets).flatMap(([provider, { keyVariables }]) => {
    const variable = keyVariables.find((name) => (values[name] ?? '') !== '')
    return variable === undefined ? [] : [{ provider, source: 'environment' as const, detail: variable }]
  })
}
