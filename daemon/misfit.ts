// What a validator finds wrong with a request or a setting, in words.

/** As ajv reports it. */
interface Misfit {
  /** A JSON pointer. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: { readonly [name: string]: unknown }
  readonly message?: string
}

export interface MisfitWords {
  /** How to call the value as a whole. */
  readonly whole: string
  /** For a name that the value may not have; `place` is where it stands, empty at the top. */
  unknown(name: string, place: string): string
}

/** In words, for what the validator would show as a pattern. */
const PATTERNS: ReadonlyMap<unknown, string> = new Map([
  ['^https?://', 'must begin with "http://" or "https://"'],
  [
    '^(env|cmd):.',
    'must be "env:NAME", a variable, or "cmd:COMMAND", a command that prints the key; "natter keys set" stores a key itself',
  ],
  ['^[0-9a-fA-F:.]+/\\d{1,3}$', 'must be a network such as "100.64.0.0/10"'],
  ['\\S', 'must not be blank'],
])

/** The first fault, to follow a colon. */
export function describeMisfit(errors: readonly Misfit[] | null | undefined, words: MisfitWords): string {
  const [error] = errors ?? []
  if (error === undefined) return `${words.whole} does not fit`
  const { instancePath, keyword, params, message = 'does not fit' } = error
  const place = instancePath.slice(1).split('/').map(fromPointer).join('.')
  const subject = place === '' ? words.whole : `"${place}"`
  if (keyword === 'additionalProperties') return words.unknown(String(params['additionalProperty']), place)
  if (keyword === 'required') return `${subject} lacks "${params['missingProperty']}"`
  if (keyword === 'enum') return `${subject} must be one of ${quoted(params['allowedValues']).join(', ')}`
  const pattern = keyword === 'pattern' ? PATTERNS.get(params['pattern']) : undefined
  return `${subject} ${pattern ?? message}`
}

/** One step of a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901#section-4 */
function fromPointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

function quoted(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : []
}
