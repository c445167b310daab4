// Which model answers, and where it is.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { type NameContext, resolveDirectName, resolveModelName, resolveProviderName } from '../models/model-names.ts'
import { own } from '../own.ts'
import type { Endpoint } from '../providers/provider.ts'
import { isAvailable, isLocal, keylessServers, providerNames, toEndpoint, unusedBaseUrl } from './endpoints.ts'
import type { Rooms } from './rooms.ts'
import { type AskedServer, askNamedServer, askServer, askServers, foundServers, movedServers } from './servers.ts'

export interface Target {
  /** `provider/model`. */
  readonly model: string
  /** The vendor's own name of it. */
  readonly modelId: string
  readonly endpoint: Endpoint
  /** Why this one, and what was not heeded, where it may surprise. */
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
  const notices = [notice, unusedBaseUrl(rooms.providers, endpoint, request.environment)].filter(
    (text) => text !== null,
  )
  return { model, modelId: model.slice(slash + 1), endpoint, notice: notices.length === 0 ? null : notices.join('; ') }
}

/** The name alone, which needs no key: the one that was asked for, the conversation's, the settings', the default. */
export async function chooseModel(
  rooms: TargetRooms,
  { named, conversation, environment }: TargetRequest,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const name = named ?? conversation ?? rooms.settings().model ?? null
  if (name === null) return defaultModel(rooms, environment)
  const context = { providers: providerNames(rooms), aliases: rooms.settings().aliases ?? {} }
  const direct = resolveDirectName(name, context)
  if (direct !== null) return { model: direct, notice: null }
  const provider = resolveProviderName(name, context)
  if (provider !== null) return defaultOf(rooms, provider, environment)
  return { model: await searchModel(rooms, name, { ...context, environment }), notice: null }
}

interface Search extends Omit<NameContext, 'models'> {
  readonly environment: ProviderEnvironment
}

/**
 * Models that can be called now come first: what only they have in common with the name is no ambiguity. Servers take
 * time to say what they have, and are asked where the lists alone do not tell.
 */
async function searchModel(rooms: TargetRooms, name: string, { environment, ...context }: Search): Promise<string> {
  const all = await rooms.catalogue.list()
  const usable = new Set<string>()
  const keyless = await keylessServers(rooms, environment)
  for (const provider of new Set(all.map((entry) => entry.provider))) {
    if (!keyless.includes(provider) && (await isAvailable(rooms, provider, environment))) usable.add(provider)
  }
  const near = all.filter((entry) => usable.has(entry.provider)).map((entry) => entry.model)
  const known = tryResolve(name, { ...context, models: near })
  if (typeof known === 'string') return known
  const servers = await askServers(rooms, environment)
  const offered = servers.flatMap(({ provider, models }) => models.map(({ id }) => `${provider}/${id}`))
  const served = tryResolve(name, { ...context, models: [...offered, ...near] })
  if (typeof served === 'string') return served
  if (served.code === 'ambiguous') throw served
  return resolveModelName(name, { ...context, models: [...offered, ...all.map((entry) => entry.model)] })
}

/** The model, or why the name is none of these or too many of them. */
function tryResolve(name: string, context: NameContext): string | NatterError {
  try {
    return resolveModelName(name, context)
  } catch (error) {
    if (error instanceof NatterError && (error.code === 'model-not-found' || error.code === 'ambiguous')) return error
    throw error
  }
}

/** What a provider is asked that was named without a model. */
async function defaultOf(
  rooms: TargetRooms,
  provider: string,
  environment: ProviderEnvironment,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const isKeyless = (await keylessServers(rooms, environment)).includes(provider)
  const model = isKeyless ? givenDefault(rooms, provider) : knownDefault(rooms, provider)
  if (model !== null) return { model, notice: null }
  const doing = `Cannot choose a model of "${provider}"`
  const hint = `Name one, as ${provider}/NAME, or run "natter config set providers.${provider}.defaultModel NAME"`
  if (!isKeyless && !isLocal(rooms, provider))
    throw new NatterError('ambiguous', `${doing}: it has no default`, { hint })
  const { baseUrl, models, problem } = await askNamedServer(rooms, provider, environment)
  if (problem !== null) {
    throw new NatterError('connection-failed', problem, { hint: `Start the server of "${provider}", or name a model` })
  }
  const [first] = models
  if (first === undefined) throw new NatterError('model-not-found', `${doing}: it offers none now`, { hint })
  const only = models.length === 1 ? '' : `, the first of ${models.length}`
  return { model: `${provider}/${first.id}`, notice: `using ${provider}/${first.id}${only} at ${baseUrl}` }
}

function knownDefault(rooms: TargetRooms, provider: string): string | null {
  return givenDefault(rooms, provider) ?? rooms.catalogue.defaultModel(provider)
}

function givenDefault({ settings }: TargetRooms, provider: string): string | null {
  const given = own(settings().providers, provider)?.defaultModel
  return given === undefined ? null : `${provider}/${given}`
}

/** The first provider with a key, else a server that the shell or the settings name, or on this machine, else the demo. */
export async function defaultModel(
  rooms: TargetRooms,
  environment: ProviderEnvironment,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const keyless = await keylessServers(rooms, environment)
  for (const provider of DEFAULT_PROVIDERS) {
    const model = keyless.includes(provider) ? null : knownDefault(rooms, provider)
    if (model !== null && (await isAvailable(rooms, provider, environment))) return { model, notice: null }
  }
  const local = await findLocal(rooms, keyless, environment)
  return local ?? { model: 'demo/natter', notice: `no key and no local server found: ${DEMO}` }
}

const DEMO = 'this is the built-in demo, not an AI'

/** Where somebody said that a server is comes before where one happens to be. */
async function findLocal(
  rooms: TargetRooms,
  keyless: readonly string[],
  environment: ProviderEnvironment,
): Promise<Pick<Target, 'model' | 'notice'> | null> {
  const signal = AbortSignal.timeout(DISCOVERY_MS)
  const [found, named, moved] = await Promise.all([
    foundServers(rooms, environment, signal),
    // It may be far away, and its address is in force for this very call.
    Promise.all(keyless.map((provider) => askNamedServer(rooms, provider, environment))),
    Promise.all(movedServers(rooms).map((provider) => askServer(rooms, provider, { environment, signal }))),
  ])
  for (const { provider, baseUrl, models } of [...named, ...moved, ...found]) {
    const model = (keyless.includes(provider) ? givenDefault(rooms, provider) : null) ?? firstOf(provider, models)
    if (model !== null) return { model, notice: `using ${model}, found at ${baseUrl}` }
  }
  const silent = [...named, ...moved].map(({ provider }) => `"${provider}"`).join(' and ')
  return silent === '' ? null : { model: 'demo/natter', notice: `${silent} offers no model now: ${DEMO}` }
}

function firstOf(provider: string, [first]: AskedServer['models']): string | null {
  return first === undefined ? null : `${provider}/${first.id}`
}
