// Model servers that need no key: those found on this machine's usual ports, and those that the settings or the shell name.

import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { own } from '../own.ts'
import type { LocalServer } from '../providers/discovery.ts'
import type { ListedModel } from '../providers/provider.ts'
import { keylessServers, toEndpoint } from './endpoints.ts'
import type { Rooms } from './rooms.ts'

type ServerRooms = Pick<Rooms, 'hideKey' | 'keys' | 'providers' | 'settings'>

/** How long a server that the settings name may take to say what it has, in milliseconds. */
const SERVER_MS = 2_000

export interface AskedServer {
  readonly provider: string
  readonly baseUrl: string
  readonly models: readonly ListedModel[]
  /** Why it did not say which models it has. */
  readonly problem: string | null
}

/** Servers of the user's own, by a name of the user's own. */
export function ownServers({ providers, settings }: ServerRooms): readonly string[] {
  return Object.keys(settings().providers ?? {}).filter((provider) => !Object.hasOwn(providers.presets, provider))
}

/** Known local servers that the settings say are somewhere else. To ask those is no probing: somebody said where. */
export function movedServers({ providers, settings }: ServerRooms): readonly string[] {
  return Object.entries(settings().providers ?? {}).flatMap(([provider, given]) => {
    const preset = own(providers.presets, provider)
    return given.baseUrl !== undefined && preset?.local === true && preset.format !== 'demo' ? [provider] : []
  })
}

/** Those on their usual ports, but for moved ones: whatever is called by such a name goes elsewhere. Too late is not found. */
export async function foundServers(
  rooms: ServerRooms,
  environment: ProviderEnvironment,
  signal: AbortSignal,
): Promise<readonly LocalServer[]> {
  const moved = movedServers(rooms)
  try {
    const found = await rooms.providers.discoverLocal(environment.OLLAMA_HOST ?? null, signal)
    return found.filter(({ provider }) => !moved.includes(provider))
  } catch (error) {
    if (signal.aborted) return []
    throw error
  }
}

/** Which models a server has, as it says itself; never rejects. */
export async function askServer(
  rooms: ServerRooms,
  provider: string,
  { environment, signal }: { readonly environment: ProviderEnvironment; readonly signal: AbortSignal },
): Promise<AskedServer> {
  let baseUrl = ''
  try {
    const endpoint = await toEndpoint(rooms, provider, environment)
    baseUrl = endpoint.baseUrl
    return { provider, baseUrl, models: await rooms.providers.provider(endpoint).listModels(signal), problem: null }
  } catch (error) {
    return { provider, baseUrl, models: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

/** All that can be asked without a key of a vendor: those of the settings and the shell, and those found on this machine. */
export async function askServers(
  rooms: ServerRooms,
  environment: ProviderEnvironment,
): Promise<readonly AskedServer[]> {
  const signal = AbortSignal.timeout(SERVER_MS)
  const named = [...(await keylessServers(rooms, environment)), ...movedServers(rooms), ...ownServers(rooms)]
  const [found, asked] = await Promise.all([
    foundServers(rooms, environment, signal),
    Promise.all(named.map((provider) => askServer(rooms, provider, { environment, signal }))),
  ])
  return [...found.map((server) => ({ ...server, problem: null })), ...asked]
}

/** One that was named, wherever it is: no probing, so it may be asked also where nothing is looked for. */
export function askNamedServer(
  rooms: ServerRooms,
  provider: string,
  environment: ProviderEnvironment,
): Promise<AskedServer> {
  return askServer(rooms, provider, { environment, signal: AbortSignal.timeout(SERVER_MS) })
}
