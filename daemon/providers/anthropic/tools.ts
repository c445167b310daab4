// Tools and the shape of the answer, as Anthropic's Messages API wants them.

import type { JsonObject } from '../json.ts'
import type { ProviderMessage, ResponseFormat, Tool, ToolSettings } from '../provider.ts'
import { callsOf } from '../tool-turns.ts'
import { toClosedSchema } from './schema.ts'

/** `strict`: whether the model can be held to a schema. */
export function toAnthropicTools(
  settings: ToolSettings | undefined,
  messages: readonly ProviderMessage[],
  strict: boolean,
): JsonObject {
  if (settings === undefined || settings.tools.length === 0) return toFormerTools(messages)
  const choice = toChoice(settings)
  return {
    tools: settings.tools.map((tool) => toTool(tool, strict)),
    ...(choice === null ? {} : { tool_choice: choice }),
  }
}

function toTool(tool: Tool, strict: boolean): JsonObject {
  const schema = { ...(tool.parameters ?? { properties: {} }), type: 'object' }
  const held = strict && tool.strict === true
  return {
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    input_schema: held ? toClosedSchema(schema) : schema,
    ...(held ? { strict: true } : {}),
  }
}

function toChoice({ choice, parallel }: ToolSettings): JsonObject | null {
  const single = parallel === false ? { disable_parallel_tool_use: true } : {}
  if (choice === null) return parallel === false ? { type: 'auto', ...single } : null
  if (choice === 'none') return { type: 'none' }
  if (typeof choice !== 'string') return { type: 'tool', name: choice.name, ...single }
  return { type: choice === 'required' ? 'any' : 'auto', ...single }
}

/** Calls in a conversation are refused where no tool is declared: then theirs are, and none may be called. */
function toFormerTools(messages: readonly ProviderMessage[]): JsonObject {
  const names = new Set(messages.flatMap((message) => callsOf(message).map(({ name }) => name)))
  if (names.size === 0) return {}
  const tools = [...names].map((name) => ({ name, input_schema: { type: 'object' } }))
  return { tools, tool_choice: { type: 'none' } }
}

/** The API knows schemas, but no mode for JSON of any kind: that can only be asked for in words. */
export function toOutputFormat(format: ResponseFormat | undefined, strict: boolean): JsonObject | null {
  if (format?.type !== 'json-schema' || !strict) return null
  return { format: { type: 'json_schema', schema: toClosedSchema(format.schema) } }
}

/** What to ask for in words; null where nothing, or where the API itself is asked. */
export function toInstruction(format: ResponseFormat | undefined, strict: boolean): string | null {
  if (format === undefined) return null
  const only = 'Answer with one JSON value and nothing else: no words around it and no code fence.'
  if (format.type === 'json') return only
  return strict ? null : `${only} It must fit this JSON Schema:\n${JSON.stringify(format.schema)}`
}
