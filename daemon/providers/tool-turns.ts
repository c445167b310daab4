// Turns in which tools are called, in the shape that strict vendors insist on.

import { isObject, type JsonObject, parseJson } from './json.ts'
import type { ContentPart, ProviderMessage } from './provider.ts'

export type ToolCall = Extract<ContentPart, { type: 'tool-call' }>
export type ToolResult = Extract<ContentPart, { type: 'tool-result' }>

/** Strict vendors want all results of a turn in one message and before all else in it, and calls after the text. */
export function joinToolTurns(messages: readonly ProviderMessage[]): readonly ProviderMessage[] {
  const joined: { role: ProviderMessage['role']; content: ContentPart[]; tools: boolean }[] = []
  for (const { role, content } of messages) {
    const last = joined.at(-1)
    const tools = content.some(({ type }) => type === 'tool-call' || type === 'tool-result')
    if (last?.role === role && (last.tools || tools)) {
      last.content.push(...content)
      last.tools = true
    } else {
      joined.push({ role, content: [...content], tools })
    }
  }
  return joined.map(({ role, content }) => ({ role, content: content.toSorted((a, b) => rank(a) - rank(b)) }))
}

function rank({ type }: ContentPart): number {
  if (type === 'tool-result') return 0
  return type === 'tool-call' ? 2 : 1
}

export function callsOf({ content }: ProviderMessage): readonly ToolCall[] {
  return content.filter((part) => part.type === 'tool-call')
}

export function resultsOf({ content }: ProviderMessage): readonly ToolResult[] {
  return content.filter((part) => part.type === 'tool-result')
}

/** Arguments as the object that some vendors want; what a model wrote wrongly is kept as it stands. */
export function toArguments(text: string): JsonObject {
  if (text.trim() === '') return {}
  const value = parseJson(text)
  return isObject(value) ? value : { arguments: text }
}
