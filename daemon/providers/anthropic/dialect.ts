// What a model, or one request, has to do without at servers of the Messages API.

export interface AnthropicDialect {
  readonly version: string
  /** Some models refuse to be told how to think. */
  readonly thinking: boolean
  /** Whether how hard to think is said. */
  readonly effort: boolean
  /** Older models cannot be held to a schema: they are asked in words. */
  readonly schemas: boolean
  /** Newer models refuse temperature and top_p. */
  readonly sampling: boolean
}

export function initialDialect(version: string): AnthropicDialect {
  return { version, thinking: true, effort: true, schemas: true, sampling: true }
}

/** What one request has to do without, because of what stands in it and not because of the model. */
export type Concession = Exclude<keyof AnthropicDialect, 'version'>

const SCHEMAS = /output_config\.format|output_format|structured[ _]output|\.strict\b/i
const SAMPLING = /\b(?:temperature|top_p)\b/
const THINKING = /thinking|output_config|effort/i
/** Said of the field itself; whatever else is wrong with one is wrong with this request. */
const NEVER =
  /deprecated|removed|(?:does|do|is|are) not support|not (?:supported|available|permitted)|unsupported|unknown/i

/** For `sendAdapting`: what the model itself cannot do, for everybody who asks it. */
export function adaptAnthropicDialect(dialect: AnthropicDialect, complaint: string): AnthropicDialect | null {
  if (concede(complaint) !== null) return null
  if (SAMPLING.test(complaint)) return dialect.sampling ? { ...dialect, sampling: false } : null
  if (dialect.schemas && SCHEMAS.test(complaint)) return { ...dialect, schemas: false }
  return dialect.thinking && THINKING.test(complaint) ? { ...dialect, thinking: false } : null
}

export function concede(complaint: string): Concession | null {
  if (SAMPLING.test(complaint)) return NEVER.test(complaint) && !/thinking/i.test(complaint) ? null : 'sampling'
  // Thoughts that belong to another beginning of the conversation, or calls without theirs.
  if (/thinking|signature/i.test(complaint) && /block|signature|expected|tool_choice/i.test(complaint))
    return 'thinking'
  if (/schema/i.test(complaint) && /output_config|output_format|strict|tools\.\d/i.test(complaint)) return 'schemas'
  if (SCHEMAS.test(complaint)) return null
  // A model that knows efforts, but not this one.
  if (/effort level|supported levels|effort: input should be/i.test(complaint)) return 'effort'
  return THINKING.test(complaint) && !NEVER.test(complaint) ? 'thinking' : null
}

/** What is left of a dialect for one request. */
export function without(dialect: AnthropicDialect, conceded: ReadonlySet<Concession>): AnthropicDialect {
  const { version, thinking, effort, schemas, sampling } = dialect
  return {
    version,
    thinking: thinking && !conceded.has('thinking'),
    effort: effort && !conceded.has('effort'),
    schemas: schemas && !conceded.has('schemas'),
    sampling: sampling && !conceded.has('sampling'),
  }
}
