// A conversation as the contents and parts of Gemini's generateContent.

import { isObject, type JsonObject, parseJson } from '../json.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ContentPart, ProviderRequest } from '../provider.ts'
import { joinToolTurns, type ToolCall, type ToolResult, toArguments } from '../tool-turns.ts'

/** The signature of the thoughts before a call; null where the vendor sent none with it. */
export type KeptSignature = string | null

/**
 * What stands in for a signature that is lost, for models that refuse a call without one:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const LOST_SIGNATURE = 'skip_thought_signature_validator'

export function toGeminiContents(
  { model, messages }: ProviderRequest,
  kept: Keepsakes<KeptSignature>,
): readonly JsonObject[] {
  return joinToolTurns(messages).flatMap(({ role, content }) => {
    const parts = content.flatMap((part) => toPart(part, model, kept))
    // An empty text is refused wherever it stands.
    return parts.length === 0 ? [] : [{ role: role === 'assistant' ? 'model' : 'user', parts }]
  })
}

function toPart(part: ContentPart, model: string, kept: Keepsakes<KeptSignature>): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'image':
      return [{ inlineData: { mimeType: part.mediaType, data: part.base64 } }]
    case 'image-url':
      return [{ fileData: { ...toMediaType(part.url), fileUri: part.url } }]
    case 'tool-call':
      return [toCall(part, model, kept.recall(part))]
    case 'tool-result':
      return [toResult(part)]
  }
}

function toCall(call: ToolCall, model: string, recalled: KeptSignature | undefined): JsonObject {
  const signature = recalled === undefined && needsSignature(model) ? LOST_SIGNATURE : recalled
  return {
    functionCall: { id: call.callId, name: call.name, args: toArguments(call.text) },
    ...(signature ? { thoughtSignature: signature } : {}),
  }
}

/** From Gemini 3 on. */
function needsSignature(model: string): boolean {
  return /gemini-/.test(model) && !/gemini-[12](?:[.-]|$)/.test(model)
}

function toResult({ callId, name, text }: ToolResult): JsonObject {
  const value = parseJson(text)
  return { functionResponse: { id: callId, name, response: isObject(value) ? value : { output: text } } }
}

/** By the address, which is all that is known of the picture; nothing where it says nothing. */
function toMediaType(url: string): { readonly mimeType?: string } {
  const path = URL.canParse(url) ? new URL(url).pathname : ''
  const ending = /\.(png|jpe?g|webp|gif|heic|heif)$/i.exec(path)?.[1]?.toLowerCase()
  if (ending === undefined) return {}
  return { mimeType: `image/${ending === 'jpg' ? 'jpeg' : ending}` }
}
