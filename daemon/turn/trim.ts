// How much of a conversation fits: the system message and the newest question always, then newest first.

import type { ProviderMessage } from '../providers/provider.ts'

/** All in tokens. */
export interface TrimOptions {
  /** What the whole request may hold: the model's window without the room for its answer. */
  readonly room: number
  /** What goes with every request: the system message, the tools. */
  readonly system: number
  readonly count: (message: ProviderMessage) => number
}

export interface Trimmed {
  readonly messages: readonly ProviderMessage[]
  /** How many of the oldest were left out. */
  readonly leftOut: number
  /** Of what is sent, the system message included. */
  readonly tokens: number
}

/**
 * The result begins with a question, as vendors ask for, and no tool's result stands in it without its call. More than
 * `room` only where the newest question and what followed it alone is.
 */
export function trim(messages: readonly ProviderMessage[], { room, system, count }: TrimOptions): Trimmed {
  const newest = Math.max(0, messages.findLastIndex(isQuestion))
  let tokens = system
  let fitting = system
  let first = messages.length
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index]
    if (message === undefined) break
    tokens += count(message)
    if (tokens > room && index < newest) break
    if (index > newest || !isQuestion(message)) continue
    first = index
    fitting = tokens
  }
  // Without any question, all is what a caller made of it.
  if (first === messages.length) return { messages, leftOut: 0, tokens }
  return { messages: messages.slice(first), leftOut: first, tokens: fitting }
}

/** Something that a person says, and not only the results of tools. */
export function isQuestion({ role, content }: ProviderMessage): boolean {
  return role === 'user' && content.some((part) => part.type !== 'tool-result')
}
