// The models a user could ask: the catalogue's, those of local servers, those of servers from the settings.

import type { Model } from '../../src/protocol/schema/entities.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import type { RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { CatalogueModel } from '../models/models.ts'
import { own } from '../own.ts'
import type { ListedModel } from '../providers/provider.ts'
import { isAvailable, keylessServers } from './endpoints.ts'
import type { Rooms } from './rooms.ts'
import { askServers } from './servers.ts'
import { chooseModel } from './target.ts'

export async function listModels(rooms: Rooms, request: RequestOf<'models.list'>): Promise<ResponseOf<'models.list'>> {
  const environment = request.environment ?? {}
  const notices: string[] = []
  const [keyless, catalogued, served, chosen] = await Promise.all([
    keylessServers(rooms, environment),
    rooms.catalogue.list(),
    listServed(rooms, environment, notices),
    findDefault(rooms, environment, notices),
  ])
  const servedNames = new Set(served.map((entry) => entry.model))
  // The catalogue's are the vendor's, and that is not who would be asked.
  const offered = catalogued.filter(({ model, provider }) => !servedNames.has(model) && !keyless.includes(provider))
  const listed = [...served, ...offered]
  const all = [...(await unlisted(rooms, chosen, listed)), ...listed]
  const available = await availability(rooms, { models: all, served, environment })
  const words = (request.query ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const models = all
    .map(
      (entry): Model => ({
        ...entry,
        available: available.get(entry.provider) ?? false,
        isDefault: entry.model === chosen,
      }),
    )
    .filter((model) => request.all === true || words.length > 0 || model.available || model.isDefault)
    .filter((model) => words.every((word) => `${model.model} ${model.name}`.toLowerCase().includes(word)))
    .sort((a, b) => Number(b.available) - Number(a.available))
  return { models, pricesDate: await rooms.catalogue.pricesDate(), notices }
}

/** What a turn without a name would ask; null, and a notice, where it would be refused. */
async function findDefault(rooms: Rooms, environment: ProviderEnvironment, notices: string[]): Promise<string | null> {
  try {
    return (await chooseModel(rooms, { named: null, conversation: null, environment })).model
  } catch (error) {
    notices.push(error instanceof Error ? error.message : String(error))
    return null
  }
}

/** The default, where no list has it: servers may offer more than they tell. */
async function unlisted(
  { catalogue }: Rooms,
  model: string | null,
  listed: readonly CatalogueModel[],
): Promise<readonly CatalogueModel[]> {
  if (model === null || listed.some((entry) => entry.model === model)) return []
  const slash = model.indexOf('/')
  const id = model.slice(slash + 1)
  const known = await catalogue.get(model)
  const plain = toCatalogueModel(model.slice(0, slash), { id, name: null, contextTokens: null, outputTokens: null })
  return [{ ...plain, ...known, model }]
}

interface AvailabilityQuestion {
  readonly models: readonly CatalogueModel[]
  readonly served: readonly CatalogueModel[]
  readonly environment: ProviderEnvironment
}

/** By provider; one that runs on this machine counts only where its server was found. */
async function availability(
  rooms: Rooms,
  { models, served, environment }: AvailabilityQuestion,
): Promise<ReadonlyMap<string, boolean>> {
  const providers = [...new Set(models.map((model) => model.provider))]
  const found = new Set(served.map((model) => model.provider))
  const answers = await Promise.all(
    providers.map(async (provider): Promise<[string, boolean]> => {
      const preset = own(rooms.providers.presets, provider)
      const absent = preset?.local === true && preset.format !== 'demo' && !found.has(provider)
      return [provider, !absent && (await isAvailable(rooms, provider, environment))]
    }),
  )
  return new Map(answers)
}

/** What servers say they have: those found on this machine, and those the user has set up. */
async function listServed(
  rooms: Rooms,
  environment: ProviderEnvironment,
  notices: string[],
): Promise<readonly CatalogueModel[]> {
  const servers = await askServers(rooms, environment)
  notices.push(...servers.flatMap(({ problem }) => (problem === null ? [] : [problem])))
  const listed = servers.flatMap(({ provider, models }) => models.map((model) => ({ provider, model })))
  return Promise.all(listed.map(({ provider, model }) => describeServed(rooms, provider, model)))
}

/** What the user says of it, else what its server says, else what is known of such a model. */
async function describeServed(
  { catalogue, settings }: Rooms,
  provider: string,
  listed: ListedModel,
): Promise<CatalogueModel> {
  const plain = toCatalogueModel(provider, listed)
  const known = await catalogue.get(plain.model)
  if (known === null) return plain
  const said = own(settings().models, plain.model)
  return {
    ...known,
    model: plain.model,
    name: listed.name ?? known.name,
    contextTokens: said?.contextTokens ?? listed.contextTokens ?? known.contextTokens,
    outputTokens: said?.outputTokens ?? listed.outputTokens ?? known.outputTokens,
  }
}

function toCatalogueModel(provider: string, model: ListedModel): CatalogueModel {
  return {
    model: `${provider}/${model.id}`,
    provider,
    name: model.name ?? model.id,
    contextTokens: model.contextTokens,
    outputTokens: model.outputTokens,
    inputPrice: null,
    outputPrice: null,
    cachedInputPrice: null,
    input: ['text'],
    output: ['text'],
    reasoning: null,
  }
}
