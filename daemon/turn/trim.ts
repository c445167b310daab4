// How much of a conversation fits: the system message and the newest question always, then newest first.

import type { ProviderMessage } from '../providers/provider.ts'

/** All in tokens. */
export interface TrimOptions {
  /** What the whole request may hold: the model's window without the room for its answer. */
  readonly room: number
  readonly system: number
  readonly count: (text: string) => number
}

export interface Trimmed {
  readonly messages: readonly ProviderMessage[]
  /** How many of the oldest were left out. */
  readonly leftOut: number
  /** Of what is sent, the system message included. */
  readonly tokens: number
}

/** What a vendor adds to each message for its role and its borders. */
const TOKENS_PER_MESSAGE = 4

/** The result begins with a question, as vendors ask for. More than `room` only where the newest message alone is. */
export function trim(messages: readonly ProviderMessage[], { room, system, count }: TrimOptions): Trimmed {
  let tokens = system
  let first = messages.length
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const size = count(messages[index]?.text ?? '') + TOKENS_PER_MESSAGE
    if (tokens + size > room && index < messages.length - 1) break
    tokens += size
    first = index
  }
  while (first < messages.length - 1 && messages[first]?.role === 'assistant') {
    tokens -= count(messages[first]?.text ?? '') + TOKENS_PER_MESSAGE
    first += 1
  }
  return { messages: messages.slice(first), leftOut: first, tokens }
}
