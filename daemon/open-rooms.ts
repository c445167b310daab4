// Builds the rooms that turns need, and closes them in reverse.

import type { DeviceId } from '../src/protocol/ids.ts'
import type { Paths } from '../src/protocol/paths.ts'
import type { Redactor } from '../src/protocol/redact.ts'
import { createMemoryHub } from './hub/memory-hub.ts'
import { openKeyStore } from './keys/key-store.ts'
import { lastGood } from './last-good.ts'
import { monthOf, monthStart, type SpendingOptions } from './limits/budget.ts'
import { createLimits } from './limits/limits.ts'
import { limitsFor } from './limits/presets.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics/metrics.ts'
import { openCatalogue } from './models/catalogue.ts'
import { createTokenCounter } from './models/tokens.ts'
import { own } from './own.ts'
import { createProviders } from './providers/registry.ts'
import { createRecent } from './recent.ts'
import { createSequence } from './sequence.ts'
import type { SettingsFile } from './settings.ts'
import type { Settings } from './settings-schema.ts'
import { openStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { createJoining } from './turn/joining.ts'
import { announceRecovered } from './turn/recovered.ts'
import type { Rooms } from './turn/rooms.ts'
import { FAILURES_MAX } from './turn/summarise.ts'

export interface RoomsOptions {
  readonly paths: Paths
  readonly settings: SettingsFile
  readonly log: Log
  readonly redactor: Redactor
  /** Millionths of a dollar a month; null: no limit of its own. */
  readonly deviceBudget: (deviceId: DeviceId) => number | null
}

export interface OpenRooms {
  readonly rooms: Rooms
  /** How many turns the last daemon left open; they have ended by now. */
  readonly recovered: number
  close(): Promise<void>
}

export async function openRooms({ paths, settings, log, redactor, deviceBudget }: RoomsOptions): Promise<OpenRooms> {
  // Starts ask the file itself, and are refused where it is broken; what runs by then is not.
  const steady = lastGood(() => settings.all())
  const store = await openLoggedStore(paths, log)
  const recovered = await store.turns.recover(Date.now())
  const hub = createMemoryHub({ nextSeq: await createSequence(store) })
  await announceRecovered(hub, recovered)
  const providers = createProviders({ discover: process.env['NATTER_DISCOVER'] !== '0' })
  const keys = openKeyStore({
    file: `${paths.config}/keys.json`,
    // A home of its own keeps its keys to itself.
    keychain: process.env['NATTER_HOME'] === undefined ? 'auto' : 'never',
    config: () => settings.all().providers ?? {},
  })
  const isLocal = (provider: string) =>
    own(steady().providers, provider)?.local ?? own(providers.presets, provider)?.local ?? false
  const tokens = createTokenCounter()
  const catalogue = openCatalogue({
    file: `${paths.data}/models.json`,
    overrides: () => steady().models ?? {},
    isLocal,
  })
  return {
    rooms: {
      store,
      hub,
      providers,
      keys,
      limits: createLimits({
        budget: await budgetOf(store, { settings: steady, deviceBudget }),
        limitsOf: (lane) => limitsFor(lane, steady().limits ?? {}),
      }),
      joining: createJoining(),
      summaryFailures: createRecent(FAILURES_MAX),
      metrics: createMetrics(),
      hideKey: redactor.add,
      tokens,
      catalogue,
      settings: () => settings.all(),
      log,
      now: Date.now,
    },
    recovered: recovered.length,
    async close() {
      hub[Symbol.dispose]()
      tokens[Symbol.dispose]()
      keys[Symbol.dispose]()
      await providers.close()
      // What could not be saved is said; the way out is the same.
      await store.close().catch((error: unknown) => log.error({ err: error }, 'store not closed well'))
    },
  }
}

/** What the ledger says of this month; what is spent from now on is counted as it is. */
async function budgetOf(
  store: Store,
  { settings, deviceBudget }: Pick<RoomsOptions, 'deviceBudget'> & { readonly settings: () => Settings },
): Promise<SpendingOptions> {
  const month = monthOf(Date.now())
  const spent = await store.usage.spentSince(monthStart(Date.now()))
  return {
    limitOf(deviceId) {
      if (deviceId !== null) return deviceBudget(deviceId)
      const { monthly } = settings().budget ?? {}
      return monthly === undefined ? null : Math.round(monthly * 1e6)
    },
    ledger: (deviceId, asked) => (asked === month ? (spent.get(deviceId) ?? 0) : 0),
    now: Date.now,
  }
}

async function openLoggedStore(paths: Paths, log: Log): Promise<Store> {
  const store: Store = await openStore({
    file: `${paths.data}/natter.db`,
    onStateChange: (state) => {
      log.warn({ state }, 'storage')
      // After a failed sync what was written may be gone: only a look at the whole file can tell.
      if (state === 'suspect') void check()
    },
  })
  return store

  async function check(): Promise<void> {
    try {
      log.warn(await store.maintenance.check(), 'database checked')
    } catch (error) {
      log.error({ err: error }, 'database not checked')
    }
  }
}
