// Functions that a client offers the model; the two APIs nest them differently and mean the same.

import type { ResponseFormat, Tool, ToolSettings } from '../../providers/provider.ts'
import { misfit, unsupported } from './errors.ts'
import { isObject, type JsonObject } from './values.ts'

/** `nested`: Chat Completions keeps what a tool is under `function`, Responses does not. */
export type Nesting = 'nested' | 'flat'

interface ToolFields {
  readonly tools?: readonly unknown[] | null | undefined
  readonly tool_choice?: unknown
  readonly parallel_tool_calls?: boolean | null | undefined
}

/** Null where there are none. Throws where a tool is no function: the others run on OpenAI's own servers. */
export function toTools(fields: ToolFields, nesting: Nesting): ToolSettings | null {
  const tools = (fields.tools ?? []).map((tool, index) => toTool(tool, `tools[${index}]`, nesting))
  if (tools.length === 0) return null
  const { choice, allowed } = toChoice(fields.tool_choice ?? null, nesting)
  const offered = allowed === null ? tools : tools.filter(({ name }) => allowed.has(name))
  if (typeof choice === 'object' && choice !== null && !offered.some(({ name }) => name === choice.name)) {
    throw misfit('tool_choice', `"${choice.name}" is none of the tools`)
  }
  return offered.length === 0 ? null : { tools: offered, choice, parallel: fields.parallel_tool_calls ?? null }
}

function toTool(value: unknown, place: string, nesting: Nesting): Tool {
  const type = isObject(value) ? value['type'] : undefined
  if (!isObject(value) || type !== 'function') {
    const hint = 'Offer functions, and run them in your own program'
    throw unsupported(`${place}.type`, `a tool of type "${String(type)}" is none that natter can pass on`, hint)
  }
  const at = nesting === 'nested' ? `${place}.function` : place
  const tool = nesting === 'nested' ? value['function'] : value
  if (!isObject(tool)) throw misfit(at, 'it must be an object')
  const { name, description, parameters, strict } = tool
  if (typeof name !== 'string' || !/^[\w.:-]{1,128}$/.test(name)) {
    throw misfit(`${at}.name`, 'a name has 1 to 128 letters, digits, underscores and dashes')
  }
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw misfit(`${at}.parameters`, 'they must be a JSON Schema, an object')
  }
  return {
    name,
    description: typeof description === 'string' ? description : null,
    parameters: parameters ?? null,
    strict: typeof strict === 'boolean' ? strict : null,
  }
}

interface Choice {
  readonly choice: ToolSettings['choice']
  /** Null: all. */
  readonly allowed: ReadonlySet<string> | null
}

function toChoice(value: unknown, nesting: Nesting): Choice {
  if (value === null) return { choice: null, allowed: null }
  if (value === 'auto' || value === 'none' || value === 'required') return { choice: value, allowed: null }
  const name = nameOf(value, nesting)
  if (name !== null) return { choice: { name }, allowed: null }
  const allowed = isObject(value) && value['type'] === 'allowed_tools' ? toAllowed(value, nesting) : null
  if (allowed !== null) return allowed
  throw unsupported('tool_choice', 'it names no function', 'Send "auto", "none", "required", or the name of a function')
}

function toAllowed(value: JsonObject, nesting: Nesting): Choice | null {
  const { mode, tools } = nesting === 'nested' && isObject(value['allowed_tools']) ? value['allowed_tools'] : value
  if (!Array.isArray(tools) || (mode !== 'auto' && mode !== 'required')) return null
  const names = tools.map((tool) => nameOf(tool, nesting)).filter((name) => name !== null)
  return { choice: mode, allowed: new Set(names) }
}

function nameOf(value: unknown, nesting: Nesting): string | null {
  if (!isObject(value) || value['type'] !== 'function') return null
  const { name } = nesting === 'nested' && isObject(value['function']) ? value['function'] : value
  return typeof name === 'string' ? name : null
}

/** `response_format` of Chat Completions, `text.format` of Responses; null: text as it likes. */
export function toResponseFormat(value: unknown, place: string, nesting: Nesting): ResponseFormat | null {
  if (!isObject(value) || value['type'] === 'text') return null
  if (value['type'] === 'json_object') return { type: 'json' }
  const format = nesting === 'nested' ? value['json_schema'] : value
  if (value['type'] !== 'json_schema' || !isObject(format)) {
    throw misfit(`${place}.type`, 'it must be "text", "json_object" or "json_schema"')
  }
  const { name, schema, strict } = format
  if (!isObject(schema)) throw misfit(`${place}.schema`, 'it must be a JSON Schema, an object')
  return {
    type: 'json-schema',
    name: typeof name === 'string' && name !== '' ? name : 'answer',
    schema,
    strict: typeof strict === 'boolean' ? strict : null,
  }
}
