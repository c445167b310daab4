// Publish, subscribe, replay: who follows a conversation sees every event once, in order, from a snapshot on.
// Delivery promise: deltas may reach a slow reader merged into a fresh snapshot; starts and ends never vanish.

import type { ConversationId } from '../../src/protocol/ids.ts'
import type { EventBody, NatterEvent, TurnSnapshot } from '../../src/protocol/schema/events.ts'

/** An event as it travels: as JSON, made once for all readers, or as it is to readers within the daemon. */
export interface Frame {
  readonly seq: number
  readonly type: NatterEvent['type']
  /** About how many characters of JSON. */
  readonly size: number
  event(): NatterEvent
  /** The JSON, in pieces of at most some ten thousand characters. */
  pieces(): Iterable<string>
}

export function jsonOf(frame: Frame): string {
  return [...frame.pieces()].join('')
}

export interface SubscribeOptions {
  /** `*`: starts, ends and changes of all conversations, without deltas. */
  readonly conversations: readonly ConversationId[] | '*'
  /** The last `seq` the reader saw; where the log still reaches back to it, there is no snapshot. */
  readonly after: number | null
}

/** A cursor into the log: it holds no events, so a reader that stops reading costs nothing but itself. */
export interface Subscription extends Disposable {
  /** What is new, about `maxBytes` of JSON at most; empty when there is nothing now. */
  take(maxBytes: number): readonly Frame[]
  /** Resolves when `take` has something, or when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>
}

export interface StreamHub {
  /** Numbers the event, keeps it, wakes readers. A long text becomes several events. Answers the last seq. */
  publish(event: EventBody): Promise<number>
  /** The snapshot is taken and the reader registered before this resolves: nothing falls between. */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** A turn that ended while no hub lived: snapshots show it, and readers of `*` hear of its end. */
  restore(conversationId: ConversationId, turn: TurnSnapshot): Promise<void>
  readonly subscribers: number
  /** Of one conversation; those of `*` are none. */
  readers(conversationId: ConversationId): number
}
