// One turn from its start to its end, across lost connections and restarted daemons.

import { type ErrorInfo, isErrorCode, NatterError } from '../protocol/errors.ts'
import type { ConversationId, MessageId, TurnId } from '../protocol/ids.ts'
import type { Message, Turn } from '../protocol/schema/entities.ts'
import type { NatterEvent, TurnSnapshot } from '../protocol/schema/events.ts'
import type { Cached } from '../protocol/schema/story.ts'
import { EMPTY_REPLY, fold, type MessagePart, type ReplyState, type TextDelta, textOf } from '../protocol/stream.ts'
import type { Client } from './api.ts'
import { type ConnectionState, follow } from './subscription.ts'

export interface FollowedTurn {
  readonly conversationId: ConversationId
  readonly turnId: TurnId
  readonly messageId: MessageId
}

export interface TurnObserver {
  /** Each piece of text or reasoning once, in order. */
  readonly onDelta?: (part: TextDelta) => void
  /** Every event of this turn as it came. */
  readonly onEvent?: (event: NatterEvent) => void
  /** What it waits for, each time that this changes; null: it is being answered, or has ended. */
  readonly onWait?: (wait: NonNullable<Turn['wait']> | null) => void
  readonly onState?: (state: ConnectionState) => void
}

/** How it ended; the text is that of the whole reply. */
export interface TurnResult {
  readonly outcome: NonNullable<Message['outcome']>
  readonly reply: ReplyState
  readonly model: string
  /** Why that one answered in place of the one that was asked. Absent: it did not, or nobody knows any more. */
  readonly modelReason?: string | null
  readonly costMicros: number | null
  readonly firstPartMs: number | null
  /** Absent: it was asked. */
  readonly cached?: Cached
  /** Why the reply is not on the disk yet. Absent: nothing is known against it. */
  readonly unsaved?: ErrorInfo
  /** What the user should know besides. Absent: nothing. */
  readonly notes?: readonly string[]
}

/** Resolves when the turn has ended. Throws only where the daemon cannot be reached or does not know the turn. */
export async function followTurn(
  client: Client,
  turn: FollowedTurn,
  observer: TurnObserver,
  signal: AbortSignal,
): Promise<TurnResult> {
  let reply = EMPTY_REPLY
  let why: Pick<TurnResult, 'modelReason'> = {}
  let isWaiting = false
  const stop = new AbortController()
  const batches = follow(client, {
    conversations: [turn.conversationId],
    ...(observer.onState === undefined ? {} : { onState: observer.onState }),
    signal: AbortSignal.any([signal, stop.signal]),
  })
  try {
    for await (const events of batches) {
      for (const event of events) {
        const result = await advance(event)
        if (result !== null) return result
      }
    }
  } finally {
    stop.abort()
  }
  throw signal.reason

  async function advance(event: NatterEvent): Promise<TurnResult | null> {
    if (event.type === 'snapshot')
      return catchUp(event.turns.find((view) => view.turnId === turn.turnId) ?? null, event)
    if (!('turnId' in event) || event.turnId !== turn.turnId) return null
    observer.onEvent?.(event)
    tellWait(event.type === 'turn-wait' ? event : null)
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
        observer.onDelta?.(event)
        reply = fold(reply, event)
        return null
      case 'tool-call-delta':
      case 'usage':
      case 'finish':
        reply = fold(reply, event)
        return null
      case 'turn-end':
        return { ...event, ...why, reply: { ...reply, usage: event.usage } }
      case 'turn-model':
        why = { modelReason: event.reason }
        return null
      case 'turn-start':
      case 'turn-wait':
        return null
    }
  }

  /** A snapshot may be further than what was shown, and never behind it, but after a daemon's death. */
  async function catchUp(view: TurnSnapshot | null, event: NatterEvent): Promise<TurnResult | null> {
    observer.onEvent?.(event)
    tellWait(view?.wait ?? null)
    const stored = view ?? fromMessage(await storedMessage())
    showMissing(stored.parts)
    reply = { parts: longer(reply.parts, stored.parts), usage: stored.usage, finish: stored.finish }
    if (stored.modelReason !== undefined) why = { modelReason: stored.modelReason }
    if (stored.outcome === null) return null
    return { ...stored, outcome: stored.outcome, reply }
  }

  function tellWait(wait: Turn['wait']): void {
    if (wait === null && !isWaiting) return
    isWaiting = wait !== null
    observer.onWait?.(wait)
  }

  async function storedMessage(): Promise<Message> {
    try {
      return (await client.call('messages.get', { messageId: turn.messageId })).message
    } catch (error) {
      if (!(error instanceof NatterError) || error.code !== 'not-found') throw error
      throw new NatterError(
        'interrupted',
        'Cannot finish the answer: it is kept nowhere, and natterd does not know it any more',
        { hint: 'Ask again, without --no-log if it shall outlive natterd', cause: error },
      )
    }
  }

  function showMissing(parts: readonly MessagePart[]): void {
    let shown = lengthOf(reply.parts)
    for (const part of parts) {
      const missing = part.text.slice(Math.min(shown, part.text.length))
      shown = Math.max(0, shown - part.text.length)
      if (missing !== '' && part.type !== 'tool-call')
        observer.onDelta?.({ type: part.type === 'text' ? 'text-delta' : 'reasoning-delta', text: missing })
    }
  }
}

function longer(a: readonly MessagePart[], b: readonly MessagePart[]): readonly MessagePart[] {
  return lengthOf(a) > lengthOf(b) ? a : b
}

function lengthOf(parts: readonly MessagePart[]): number {
  return parts.reduce((sum, part) => sum + part.text.length, 0)
}

type StoredTurn = Pick<
  TurnSnapshot,
  'parts' | 'usage' | 'finish' | 'outcome' | 'costMicros' | 'firstPartMs' | 'model' | 'modelReason' | 'cached'
>

function fromMessage(message: Message): StoredTurn {
  return {
    parts: message.parts,
    usage: message.usage,
    finish: message.finish,
    outcome: message.outcome,
    costMicros: message.costMicros,
    firstPartMs: null,
    ...(message.cached === null ? {} : { cached: message.cached }),
    model: message.model ?? '',
  }
}

/** The error of a failed turn as the command line throws it. */
export function failureOf(result: TurnResult): NatterError | null {
  if (result.outcome.type !== 'failed') return null
  const { code, message, hint } = result.outcome.error
  return new NatterError(isErrorCode(code) ? code : 'internal', message, { hint })
}

export function answerOf(result: TurnResult): string {
  return textOf(result.reply.parts)
}
