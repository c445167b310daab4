// Tools and the shape of the answer, as Chat Completions wants them.

import type { ResponseFormat, Tool, ToolSettings } from '../provider.ts'
import type { RequestBody } from './client.ts'

/** `parallel`: whether the server knows that field. */
export function toChatTools(settings: ToolSettings | undefined, parallel: boolean): RequestBody {
  if (settings === undefined || settings.tools.length === 0) return {}
  return {
    tools: settings.tools.map((tool) => ({ type: 'function', function: toFunction(tool) })),
    ...(settings.choice === null ? {} : { tool_choice: toChoice(settings.choice) }),
    ...(settings.parallel === null || !parallel ? {} : { parallel_tool_calls: settings.parallel }),
  }
}

function toFunction({ name, description, parameters, strict }: Tool): RequestBody {
  return {
    name,
    ...(description === null ? {} : { description }),
    ...(parameters === null ? {} : { parameters }),
    ...(strict === null ? {} : { strict }),
  }
}

function toChoice(choice: NonNullable<ToolSettings['choice']>): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } }
}

export function toChatFormat(format: ResponseFormat | undefined): RequestBody {
  if (format === undefined) return {}
  if (format.type === 'json') return { response_format: { type: 'json_object' } }
  const { name, schema, strict } = format
  const described = { name, schema, ...(strict === null ? {} : { strict }) }
  return { response_format: { type: 'json_schema', json_schema: described } }
}
