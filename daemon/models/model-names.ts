// Turns what a person types for a model into `provider/model`, without asking anybody.

import { NatterError } from '../../src/protocol/errors.ts'

export interface NameContext {
  /** Names of all configured and built-in providers. */
  readonly providers: readonly string[]
  /** From the config: short name to model, or to another alias. */
  readonly aliases: { readonly [alias: string]: string }
  /** Known models, `provider/model`. */
  readonly models: readonly string[]
}

const CANDIDATES_MAX = 8
const SUGGESTIONS_MAX = 3
const ALIAS_DEPTH_MAX = 5

/**
 * `provider/model`, an alias, a model's whole name, or a part that only one name has.
 * Throws `ambiguous` or `model-not-found`.
 */
export function resolveModelName(input: string, context: NameContext): string {
  const name = input.trim()
  const direct = resolveDirectName(name, context)
  return direct ?? searchName(followAliases(name, context), context)
}

/** The provider that a name is, alone and without a model; null where it is none. */
export function resolveProviderName(input: string, context: Omit<NameContext, 'models'>): string | null {
  const target = followAliases(input.trim(), context).toLowerCase()
  return context.providers.find((provider) => provider.toLowerCase() === target) ?? null
}

/** The part of it that needs no list of models; null where the name has to be looked up in one. */
export function resolveDirectName(input: string, context: Omit<NameContext, 'models'>): string | null {
  const target = followAliases(input.trim(), context)
  return hasProvider(target, context.providers) ? target : null
}

function hasProvider(name: string, providers: readonly string[]): boolean {
  const slash = name.indexOf('/')
  const rest = name.slice(slash + 1)
  return slash > 0 && !isNoName(rest) && providers.includes(name.slice(0, slash))
}

/** A name with a provider is never an alias. */
function followAliases(name: string, { providers, aliases }: Omit<NameContext, 'models'>): string {
  let target = name
  for (let depth = 0; depth <= ALIAS_DEPTH_MAX; depth += 1) {
    if (hasProvider(target, providers)) return target
    const next = Object.hasOwn(aliases, target) ? aliases[target] : undefined
    if (next === undefined || next === target) return target
    target = next
  }
  throw new NatterError('invalid-request', `Cannot use model "${name}": its aliases lead to each other`, {
    hint: 'Run "natter config get aliases" and give one of them a model',
  })
}

function searchName(name: string, { providers, models }: NameContext): string {
  const wanted = name.toLowerCase()
  if (wanted === '') {
    throw new NatterError('invalid-request', 'Cannot choose a model: its name is empty', {
      hint: 'Run "natter models" to see what there is',
    })
  }
  if (isNoName(wanted)) throw noName(name)
  const exact = models.filter((model) => bareName(model).toLowerCase() === wanted)
  if (exact.length > 0) return onlyOne(name, exact)
  const holding = models.filter((model) => model.toLowerCase().includes(wanted))
  if (holding.length > 0) return onlyOne(name, holding)
  throw notFound(name, providers, models)
}

/** Such as "/" or "openai/", which is a part of every name, and meant none of them. */
function isNoName(name: string): boolean {
  return !/[\p{L}\p{N}]/u.test(name) || name.startsWith('/') || name.endsWith('/')
}

function noName(name: string): NatterError {
  return new NatterError('model-not-found', `Cannot use model "${name}": that is not the name of a model`, {
    hint: 'Write provider/model, or a part of a name; run "natter models" to see all',
  })
}

function onlyOne(name: string, candidates: readonly string[]): string {
  const [first, ...others] = new Set(candidates)
  if (first !== undefined && others.length === 0) return first
  const all = [first, ...others]
  const more = all.length > CANDIDATES_MAX ? ` and ${all.length - CANDIDATES_MAX} more` : ''
  throw new NatterError(
    'ambiguous',
    `Cannot use model "${name}": it fits ${all.length} models: ${all.slice(0, CANDIDATES_MAX).join(', ')}${more}`,
    { hint: 'Name one of them in full' },
  )
}

function notFound(name: string, providers: readonly string[], models: readonly string[]): NatterError {
  const close = closest(name, models)
  const slash = name.indexOf('/')
  const noProvider = slash > 0 && !providers.includes(name.slice(0, slash))
  const provider = noProvider ? `there is no provider "${name.slice(0, slash)}", and ` : ''
  const meant = close.length > 0 ? `Did you mean ${close.join(' or ')}? ` : ''
  return new NatterError(
    'model-not-found',
    `Cannot use model "${name}": ${provider}no known model has that in its name`,
    {
      hint: `${meant}Run "natter models" to see all, or write provider/model`,
    },
  )
}

/** Names that differ in at most a third of their letters, the nearest first. */
function closest(name: string, models: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase()
  const limit = Math.max(2, Math.floor(wanted.length / 3))
  return models
    .map((model) => {
      const whole = distance(wanted, model.toLowerCase(), limit)
      return { model, far: Math.min(whole, distance(wanted, bareName(model).toLowerCase(), limit)) }
    })
    .filter(({ far }) => far <= limit)
    .toSorted((a, b) => a.far - b.far)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ model }) => model)
}

function bareName(model: string): string {
  return model.slice(model.indexOf('/') + 1)
}

/** Levenshtein's distance; what is certainly above the limit is only called more than that. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? limit + 1
}
