// JSON Schemas as Anthropic's structured outputs take them: a part of the language, and closed objects only.

import { isObject, type JsonObject } from '../json.ts'

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs: what stands here is refused. */
const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
])
const DEPTH_MAX = 64

/** What is refused is told to the model in the description instead, as Anthropic's own clients do. */
export function toClosedSchema(schema: JsonObject, depth = 0): JsonObject {
  if (depth > DEPTH_MAX) return schema
  const closed: { [name: string]: unknown } = {}
  const told: { [name: string]: unknown } = {}
  for (const [name, value] of Object.entries(schema)) {
    // Only whether a list may be empty can be said.
    if (REFUSED.has(name) || (name === 'minItems' && value !== 0 && value !== 1)) told[name] = value
    else closed[name] = toClosed(name, value, depth + 1)
  }
  if (schema['type'] === 'object' || isObject(schema['properties'])) closed['additionalProperties'] = false
  if (Object.keys(told).length === 0) return closed
  const description = [schema['description'], JSON.stringify(told)].filter((text) => typeof text === 'string')
  return { ...closed, description: description.join(' ') }
}

function toClosed(name: string, value: unknown, depth: number): unknown {
  switch (name) {
    case 'properties':
    case '$defs':
    case 'definitions':
      return isObject(value) ? closeEach(value, depth) : value
    case 'items':
      return isObject(value) ? toClosedSchema(value, depth) : value
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
      return Array.isArray(value)
        ? value.map((item: unknown) => (isObject(item) ? toClosedSchema(item, depth) : item))
        : value
    default:
      return value
  }
}

function closeEach(schemas: JsonObject, depth: number): JsonObject {
  const entries = Object.entries(schemas)
  return Object.fromEntries(
    entries.map(([name, schema]) => [name, isObject(schema) ? toClosedSchema(schema, depth) : schema]),
  )
}
