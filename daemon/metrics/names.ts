// Names that come from outside as values of labels: each new one is a series that is kept for ever, so they are few.

/** Those that come after so many others. */
const OTHER = 'other'
const NAMES_MAX = 50

/** Gives back a name as it is, or `other` where there are too many already. */
export function createNames(max = NAMES_MAX): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.has(name)) return name
    if (known.size >= max) return OTHER
    known.add(name)
    return name
  }
}

/** OpenTelemetry's names where they are not ours: https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/ */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['gemini', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['moonshot', 'moonshot_ai'],
  ['xai', 'x_ai'],
  ['azure', 'azure.ai.openai'],
])

export interface ModelLabels {
  readonly gen_ai_provider_name: string
  readonly gen_ai_request_model: string
}

/** Of `provider/model`, folded together: a provider is never shown with another's model. */
export function toModelLabels(model: string): ModelLabels {
  const slash = model.indexOf('/')
  if (slash === -1) return { gen_ai_provider_name: model, gen_ai_request_model: model }
  const provider = model.slice(0, slash)
  return {
    gen_ai_provider_name: PROVIDERS.get(provider) ?? provider,
    gen_ai_request_model: model.slice(slash + 1),
  }
}
