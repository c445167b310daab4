// The one stream vocabulary, from the vendor's edge to the screen, and how a message grows from it.

/** Why a model stopped: ours, so that everyone can act on it. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other'

/** Tokens as the provider reports them, made equal: `inputTokens` counts all input, cached or not. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Part of `inputTokens` that the provider read from its prompt cache. */
  readonly cachedInputTokens: number
  /** Part of `inputTokens` that the provider wrote to its prompt cache. */
  readonly cacheWriteTokens: number
  /** Part of `outputTokens` that was spent on reasoning. */
  readonly reasoningTokens: number
  /** True where the provider said nothing and we counted. */
  readonly estimated: boolean
}

/** Of several calls for one answer. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    estimated: a.estimated || b.estimated,
  }
}

export type StreamPart =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  /** A piece of the arguments, as JSON, of a call that the model wants made; there may be several at a time. */
  | { readonly type: 'tool-call-delta'; readonly callId: string; readonly name: string; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly raw: string | null }

export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** `text` is its arguments. */
  | { readonly type: 'tool-call'; readonly callId: string; readonly name: string; readonly text: string }

/** What a reader sees of an answer as it is written. */
export type TextDelta = Extract<StreamPart, { readonly type: 'text-delta' | 'reasoning-delta' }>

/** Why it ended, kept twice: our word and the vendor's own. */
export interface Finish {
  readonly reason: FinishReason
  readonly raw: string | null
}

/** What a reply has become so far. */
export interface ReplyState {
  readonly parts: readonly MessagePart[]
  readonly usage: Usage | null
  readonly finish: Finish | null
}

export const EMPTY_REPLY: ReplyState = { parts: [], usage: null, finish: null }

/** The only way a message grows, in the daemon and on the screen: what was seen is what was saved. */
export function fold(reply: ReplyState, part: StreamPart): ReplyState {
  switch (part.type) {
    case 'text-delta':
      return { ...reply, parts: appendText(reply.parts, 'text', part.text) }
    case 'reasoning-delta':
      return { ...reply, parts: appendText(reply.parts, 'reasoning', part.text) }
    case 'tool-call-delta':
      return { ...reply, parts: appendCall(reply.parts, part) }
    case 'usage':
      // Vendors may send usage twice; the later one includes the earlier.
      return { ...reply, usage: part.usage }
    case 'finish':
      return { ...reply, finish: { reason: part.reason, raw: part.raw } }
  }
}

function appendText(parts: readonly MessagePart[], type: 'text' | 'reasoning', text: string): readonly MessagePart[] {
  if (text === '') return parts
  const last = parts.at(-1)
  if (last?.type === type) return [...parts.slice(0, -1), { type, text: last.text + text }]
  return [...parts, { type, text }]
}

/** A call without arguments is one all the same. */
function appendCall(
  parts: readonly MessagePart[],
  { callId, name, text }: Extract<StreamPart, { type: 'tool-call-delta' }>,
): readonly MessagePart[] {
  const index = parts.findLastIndex((part) => part.type === 'tool-call' && part.callId === callId)
  const known = parts[index]
  if (known === undefined) return [...parts, { type: 'tool-call', callId, name, text }]
  return parts.with(index, { ...known, text: known.text + text })
}

/** The answer itself, without reasoning. */
export function textOf(parts: readonly MessagePart[]): string {
  let text = ''
  for (const part of parts) if (part.type === 'text') text += part.text
  return text
}

/**
 * Joins neighbouring deltas of the same kind, so that many small chunks of one network read cost
 * one event. Folding the result gives the same message.
 */
export function mergeDeltas(parts: readonly StreamPart[]): readonly StreamPart[] {
  if (parts.length < 2) return parts
  const merged: StreamPart[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (last !== undefined && isDelta(last) && isDelta(part) && isSame(last, part)) {
      merged[merged.length - 1] = { ...last, text: last.text + part.text }
    } else {
      merged.push(part)
    }
  }
  return merged
}

type DeltaPart = Extract<StreamPart, { readonly text: string }>

/** Text of any kind, the arguments of calls among it. */
export function isDelta(part: StreamPart): part is DeltaPart {
  return 'text' in part
}

function isSame(a: DeltaPart, b: DeltaPart): boolean {
  return a.type === b.type && (a.type !== 'tool-call-delta' || b.type !== 'tool-call-delta' || a.callId === b.callId)
}
