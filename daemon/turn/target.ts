// Which model answers, and where it is.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { resolveDirectName, resolveModelName } from '../models/model-names.ts'
import type { Endpoint } from '../providers/provider.ts'
import { isAvailable, providerNames, toEndpoint } from './endpoints.ts'
import type { Rooms } from './rooms.ts'

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
  if (local !== null) return { model: local.model, notice: `using ${local.model}, found at ${local.baseUrl}` }
  return { model: 'demo/natter', notice: 'no key and no local server found: this is the built-in demo, not an AI' }
}

async function findLocal(
  { providers }: TargetRooms,
  environment: ProviderEnvironment,
): Promise<{ readonly model: string; readonly baseUrl: string } | null> {
  const found = await providers.discoverLocal(environment.OLLAMA_HOST ?? null, AbortSignal.timeout(DISCOVERY_MS))
  for (const server of found) {
    const [first] = server.models
    if (first !== undefined) return { model: `${server.provider}/${first.id}`, baseUrl: server.baseUrl }
  }
  return null
}
