// Tools and the shape of the answer, as the Responses API wants them.

import type { ResponseFormat, Tool, ToolSettings } from '../provider.ts'
import type { RequestBody } from './client.ts'

export function toResponsesTools(settings: ToolSettings | undefined): RequestBody {
  if (settings === undefined || settings.tools.length === 0) return {}
  const { tools, choice, parallel } = settings
  return {
    tools: tools.map(toTool),
    ...(choice === null
      ? {}
      : { tool_choice: typeof choice === 'string' ? choice : { type: 'function', name: choice.name } }),
    ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
  }
}

/**
 * Where nothing is said of `strict`, this API alone would make a schema strict by itself, optional fields mandatory:
 * https://platform.openai.com/docs/guides/function-calling#strict-mode
 */
function toTool({ name, description, parameters, strict }: Tool): RequestBody {
  return {
    type: 'function',
    name,
    ...(description === null ? {} : { description }),
    parameters,
    strict: strict ?? false,
  }
}

export function toResponsesFormat(format: ResponseFormat | undefined): RequestBody {
  if (format === undefined) return {}
  if (format.type === 'json') return { text: { format: { type: 'json_object' } } }
  const { name, schema, strict } = format
  return { text: { format: { type: 'json_schema', name, schema, ...(strict === null ? {} : { strict }) } } }
}
