// A request as Gemini's generateContent wants it.

import { isObject, type JsonObject } from '../json.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ProviderRequest } from '../provider.ts'
import { type KeptSignature, toGeminiContents } from './content.ts'
import { toGeminiFormat, toGeminiTools, toResolution } from './tools.ts'

/** Only what the user set is sent; settings live in `generationConfig`, into which `extra.generationConfig` is merged. */
export function toGeminiBody(request: ProviderRequest, kept: Keepsakes<KeptSignature>): JsonObject {
  const { extra } = request.parameters
  const config = { ...toConfig(request), ...toExtraConfig(extra) }
  return {
    contents: toGeminiContents(request, kept),
    ...(request.system === null || request.system === ''
      ? {}
      : { systemInstruction: { parts: [{ text: request.system }] } }),
    ...toGeminiTools(request.tools),
    ...extra,
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  }
}

function toConfig(request: ProviderRequest): JsonObject {
  const { model, parameters } = request
  const { temperature, topP, maxOutputTokens, stop, seed, reasoningEffort } = parameters
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stop === undefined ? {} : { stopSequences: stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(reasoningEffort === undefined ? {} : { thinkingConfig: toThinking(reasoningEffort, model) }),
    ...toResolution(request),
    ...toGeminiFormat(request.responseFormat),
  }
}

function toExtraConfig(extra: ProviderRequest['parameters']['extra']): JsonObject {
  const config = extra?.['generationConfig']
  return isObject(config) ? config : {}
}

type Effort = NonNullable<ProviderRequest['parameters']['reasoningEffort']>

/** Gemini 2.5 thinks by a budget of tokens, later models by a level. */
const BUDGETS: { readonly [Level in Effort]: number } = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 16_384,
  max: 24_576,
}
const LEVELS: { readonly [Level in Effort]: string } = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  max: 'HIGH',
}

function toThinking(effort: Effort, model: string): JsonObject {
  const includeThoughts = effort !== 'none'
  if (/gemini-2\.5/.test(model)) return { thinkingBudget: BUDGETS[effort], includeThoughts }
  return { thinkingLevel: LEVELS[effort], includeThoughts }
}
