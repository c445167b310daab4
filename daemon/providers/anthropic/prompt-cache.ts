// Where Anthropic is asked to remember the beginning of a prompt.

import type { JsonObject } from '../json.ts'
import type { ProviderRequest } from '../provider.ts'
import type { AnthropicMessage } from './content.ts'

const MARK = { cache_control: { type: 'ephemeral' } }
const CHARACTERS_PER_TOKEN = 4

/**
 * What is written to the cache costs 1.25 times its price and what is read from it a tenth, for five minutes after
 * each use: marks pay from the second request with the same beginning on. So the end of the instructions and the end of
 * the conversation are marked once it is clear that more follows, after an answer or where tools are offered, and where
 * the prompt is as long as the model's cache asks for. A first question without tools is never marked.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function isCacheable(request: ProviderRequest, length: number): boolean {
  if (!request.model.includes('claude')) return false
  const goesOn = request.messages.some(({ role }) => role === 'assistant') || (request.tools?.tools.length ?? 0) > 0
  return goesOn && length / CHARACTERS_PER_TOKEN >= minimumOf(request.model)
}

/** In tokens; a shorter beginning is not cached, mark or no mark. */
function minimumOf(model: string): number {
  if (/opus-4-[5-7]|haiku-4-5|mythos/.test(model)) return 4096
  return /haiku-3|3-(?:5-)?haiku|sonnet-4-6/.test(model) ? 2048 : 1024
}

/** A system prompt whose end is marked; tools come before it and are included. */
export function markSystem(system: string): readonly JsonObject[] {
  return [{ type: 'text', text: system, ...MARK }]
}

export function markTools(tools: readonly JsonObject[]): readonly JsonObject[] {
  return tools.map((tool, index) => (index === tools.length - 1 ? { ...tool, ...MARK } : tool))
}

export function markLast(messages: readonly AnthropicMessage[]): readonly AnthropicMessage[] {
  return messages.map((message, index) => (index === messages.length - 1 ? markEnd(message) : message))
}

function markEnd({ role, content }: AnthropicMessage): AnthropicMessage {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  return { role, content: blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...MARK } : block)) }
}
