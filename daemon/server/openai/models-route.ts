// GET /v1/models and /v1/models/{id}: what can be asked now, under the names that requests may use.

import { NatterError } from '../../../src/protocol/errors.ts'
import type { OpenAiDoorOptions } from './door-options.ts'

interface ListedModel {
  readonly id: string
  readonly object: 'model'
  /** Nobody here knows when it was made; clients want a number. */
  readonly created: 0
  readonly owned_by: string
}

/** Aliases come first: whoever made them wants to find them. */
export async function listOpenAiModels({ listModels, settings }: OpenAiDoorOptions): Promise<readonly ListedModel[]> {
  const { models } = await listModels()
  const available = models.filter(({ available }) => available).map(({ model, provider }) => toListed(model, provider))
  const aliases = Object.entries(settings().aliases ?? {}).map(([alias, target]) => toListed(alias, ownerOf(target)))
  return [...aliases, ...available]
}

export async function findOpenAiModel(options: OpenAiDoorOptions, id: string): Promise<ListedModel> {
  const found = (await listOpenAiModels(options)).find((model) => model.id === id)
  if (found !== undefined) return found
  throw new NatterError('model-not-found', `There is no model "${id.slice(0, 300)}" that could be asked now`, {
    hint: 'See GET /v1/models',
  })
}

function toListed(id: string, owner: string): ListedModel {
  return { id, object: 'model', created: 0, owned_by: owner }
}

/** An alias may name a part of a model, or another alias. */
function ownerOf(target: string): string {
  const slash = target.indexOf('/')
  return slash > 0 ? target.slice(0, slash) : 'natter'
}
