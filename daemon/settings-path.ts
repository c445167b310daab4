// The way from a dotted name to a setting, where names within it, such as those of models, may hold dots themselves.

import { own } from './own.ts'

/** As much of a JSON Schema as tells where a name leads. */
export interface SchemaNode {
  readonly type?: unknown
  readonly enum?: unknown
  readonly properties?: { readonly [name: string]: SchemaNode }
  readonly additionalProperties?: boolean | SchemaNode
}

/**
 * The same name with a backslash before each dot that separates nothing: `models.openai/gpt-5.5.inputPrice` becomes
 * `models.openai/gpt-5\.5.inputPrice`. In a map of objects the first part whose rest leads to a field is the key; where
 * no rest does, `value` tells whether a whole entry is meant or a field of one. Escaped dots stay so.
 */
export function toSettingPath(name: string, schema: SchemaNode, value?: unknown): string {
  const isField = value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))
  return keysOf(segmentsOf(name), schema, isField).map(escapeKey).join('.')
}

/** Split at dots; a backslash takes the next character as it is. */
function segmentsOf(name: string): readonly string[] {
  const pieces = name.match(/(?:\\.|[^.\\])+|\.|\\$/gsu) ?? []
  const segments = ['']
  for (const piece of pieces) {
    if (piece === '.') segments.push('')
    else segments.push((segments.pop() ?? '') + (piece === '\\' ? piece : piece.replaceAll(/\\(.)/gsu, '$1')))
  }
  return segments
}

function keysOf(segments: readonly string[], node: SchemaNode, isField: boolean): readonly string[] {
  const [first, ...rest] = segments
  if (first === undefined) return []
  const field = own(node.properties, first)
  if (field !== undefined) return [first, ...keysOf(rest, field, isField)]
  const entry = node.additionalProperties
  if (typeof entry !== 'object') return segments
  const size = keySize(segments, entry, isField)
  return [segments.slice(0, size).join('.'), ...keysOf(segments.slice(size), entry, isField)]
}

/** How many of them make the key of a map. */
function keySize(segments: readonly string[], entry: SchemaNode, isField: boolean): number {
  const { length } = segments
  if (entry.properties === undefined) return length
  for (let size = 1; size < length; size += 1) if (leads(segments.slice(size), entry)) return size
  return isField ? Math.max(1, length - 1) : length
}

function leads(segments: readonly string[], node: SchemaNode): boolean {
  const [first, ...rest] = segments
  if (first === undefined) return true
  const field = own(node.properties, first)
  return field === undefined ? typeof node.additionalProperties === 'object' : leads(rest, field)
}

function escapeKey(key: string): string {
  return key.replaceAll(/[\\.[]/g, '\\$&')
}
