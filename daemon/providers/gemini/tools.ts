// Tools and the shape of the answer, as Gemini's generateContent wants them.

import type { JsonObject } from '../json.ts'
import type { ProviderRequest, ResponseFormat, Tool, ToolSettings } from '../provider.ts'

/** https://ai.google.dev/api/caching#Tool; whether several calls come at once cannot be said. */
export function toGeminiTools(settings: ToolSettings | undefined): JsonObject {
  if (settings === undefined || settings.tools.length === 0) return {}
  const config = toCalling(settings)
  return {
    tools: [{ functionDeclarations: settings.tools.map(toDeclaration) }],
    ...(config === null ? {} : { toolConfig: { functionCallingConfig: config } }),
  }
}

function toDeclaration({ name, description, parameters }: Tool): JsonObject {
  return {
    name,
    // The one field besides the name that this API asks for.
    description: description ?? '',
    ...(parameters === null ? {} : { parametersJsonSchema: parameters }),
  }
}

function toCalling({ tools, choice }: ToolSettings): JsonObject | null {
  // This mode holds the model to the schemas, whether or not it calls.
  const strict = tools.some((tool) => tool.strict === true)
  if (choice === null || choice === 'auto') {
    if (strict) return { mode: 'VALIDATED' }
    return choice === null ? null : { mode: 'AUTO' }
  }
  if (choice === 'none') return { mode: 'NONE' }
  return choice === 'required' ? { mode: 'ANY' } : { mode: 'ANY', allowedFunctionNames: [choice.name] }
}

export function toGeminiFormat(format: ResponseFormat | undefined): JsonObject {
  if (format === undefined) return {}
  const json = { responseMimeType: 'application/json' }
  return format.type === 'json' ? json : { ...json, responseJsonSchema: format.schema }
}

/** How closely pictures are looked at is one setting of the whole request: the closest look that any of them asks for. */
export function toResolution({ messages }: ProviderRequest): JsonObject {
  const details = messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'image' || part.type === 'image-url' ? [part.detail] : [])),
  )
  const low = details.length > 0 && details.every((detail) => detail === 'low')
  return low ? { mediaResolution: 'MEDIA_RESOLUTION_LOW' } : {}
}
