// Which model answers, and where it is.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { resolveDirectName, resolveModelName } from '../models/model-names.ts'
import type { Endpoint } from '../providers/provider.ts'
import { isAvailable, providerNames, toEndpoint } from './endpoints.ts'
import type { Rooms } from './rooms.ts'
import { askServer, foundServers, movedServers } from './servers.ts'

export interface Target {
  /** `provider/model`. */
  readonly model: string
  /** The vendor's own name of it. */
  readonly modelId: string
  readonly endpoint: Endpoint
  /** Why this one, where nobody named it and it may surprise. */
  readonly notice: string | null
}

export interface TargetRequest {
  readonly named: string | null
  readonly conversation: string | null
  readonly environment: ProviderEnvironment
}

type TargetRooms = Pick<Rooms, 'catalogue' | 'hideKey' | 'keys' | 'providers' | 'settings'>

/** Asked in this order when nobody names a model. */
const DEFAULT_PROVIDERS = ['openai', 'anthropic', 'gemini', 'openrouter', 'groq'] as const
const DISCOVERY_MS = 400

export async function resolveTarget(rooms: TargetRooms, request: TargetRequest): Promise<Target> {
  const { model, notice } = await chooseModel(rooms, request)
  const slash = model.indexOf('/')
  const endpoint = await toEndpoint(rooms, model.slice(0, slash), request.environment)
  return { model, modelId: model.slice(slash + 1), endpoint, notice }
}

/** The name alone, which needs no key: the one that was asked for, the conversation's, the settings', the default. */
export async function chooseModel(
  rooms: TargetRooms,
  { named, conversation, environment }: TargetRequest,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const name = named ?? conversation ?? rooms.settings().model ?? null
  if (name === null) return defaultModel(rooms, environment)
  return { model: await fullName(rooms, name, environment), notice: null }
}

/** Models that can be called now come first: what only they have in common with the name is no ambiguity. */
async function fullName(rooms: TargetRooms, name: string, environment: ProviderEnvironment): Promise<string> {
  const context = { providers: providerNames(rooms), aliases: rooms.settings().aliases ?? {} }
  const direct = resolveDirectName(name, context)
  if (direct !== null) return direct
  const all = await rooms.catalogue.list()
  const usable = new Set<string>()
  for (const provider of new Set(all.map((entry) => entry.provider))) {
    if (await isAvailable(rooms, provider, environment)) usable.add(provider)
  }
  const names = (models: typeof all) => models.map((entry) => entry.model)
  try {
    return resolveModelName(name, { ...context, models: names(all.filter((entry) => usable.has(entry.provider))) })
  } catch (error) {
    if (!(error instanceof NatterError) || error.code !== 'model-not-found') throw error
    return resolveModelName(name, { ...context, models: names(all) })
  }
}

/** The first provider with a key, else a server on this machine, else the demo. */
export async function defaultModel(
  rooms: TargetRooms,
  environment: ProviderEnvironment,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const settings = rooms.settings()
  for (const provider of DEFAULT_PROVIDERS) {
    const own = settings.providers?.[provider]?.defaultModel
    const model = own === undefined ? await rooms.catalogue.defaultModel(provider) : `${provider}/${own}`
    if (model !== null && (await isAvailable(rooms, provider, environment))) return { model, notice: null }
  }
  const local = await findLocal(rooms, environment)
  return local ?? { model: 'demo/natter', notice: `no key and no local server found: ${DEMO}` }
}

const DEMO = 'this is the built-in demo, not an AI'

/** Where somebody said that a server is comes before where one happens to be. */
async function findLocal(
  rooms: TargetRooms,
  environment: ProviderEnvironment,
): Promise<Pick<Target, 'model' | 'notice'> | null> {
  const signal = AbortSignal.timeout(DISCOVERY_MS)
  const [found, moved] = await Promise.all([
    foundServers(rooms, environment, signal),
    Promise.all(movedServers(rooms).map((provider) => askServer(rooms, provider, { environment, signal }))),
  ])
  for (const { provider, baseUrl, models } of [...moved, ...found]) {
    const [first] = models
    if (first === undefined) continue
    const model = `${provider}/${first.id}`
    return { model, notice: `using ${model}, found at ${baseUrl}` }
  }
  const silent = moved.map(({ provider }) => `"${provider}"`).join(' and ')
  return silent === '' ? null : { model: 'demo/natter', notice: `${silent} offers no model now: ${DEMO}` }
}
