// The hub of one machine: topics in memory, readers as cursors into their logs.

import type { ConversationId } from '../../src/protocol/ids.ts'
import type { EventBody, NatterEvent, TurnSnapshot } from '../../src/protocol/schema/events.ts'
import type { Frame, StreamHub, Subscription } from './hub.ts'
import { toPortions } from './portions.ts'
import { createReader } from './reader.ts'
import { toSnapshotFrame } from './snapshot-frame.ts'
import { createEventLog, createTopic, type Topic } from './topic.ts'

/** How long an ended conversation stays in memory, so that readers may come back to it, in milliseconds. */
const KEEP_MS = 60_000

/** Ended conversations kept beyond that make room for newer ones at once. */
const KEEP_TOPICS = 100

export interface MemoryHubOptions {
  /** Gives each sequence number once, restarts included. */
  readonly nextSeq: () => number
  readonly now?: () => number
}

export function createMemoryHub({ nextSeq, now = Date.now }: MemoryHubOptions): StreamHub & Disposable {
  const topics = new Map<ConversationId, Topic>()
  // What was numbered before this hub lived is not in its logs.
  let lastSeq = nextSeq()
  // What readers of `*` follow: no deltas, so its size does not depend on how much models write.
  const notices = createEventLog(lastSeq)
  const noticeReaders = new Set<() => void>()
  let subscribers = 0
  const sweeper = setInterval(sweep, KEEP_MS / 4)
  sweeper.unref()

  return {
    publish: (body) => Promise.resolve(publish(body)),
    subscribe: ({ conversations, after }) =>
      Promise.resolve(conversations === '*' ? subscribeToNotices(after) : subscribeToTopics(conversations, after)),
    restore: (conversationId, turn) => Promise.resolve(restore(conversationId, turn)),
    get subscribers() {
      return subscribers
    },
    readers: (conversationId) => topics.get(conversationId)?.readers.size ?? 0,
    [Symbol.dispose]: () => clearInterval(sweeper),
  }

  function publish(body: EventBody): number {
    for (const part of toPortions(body)) publishOne(part)
    return lastSeq
  }

  function publishOne(body: EventBody): void {
    lastSeq = nextSeq()
    const event: NatterEvent = { seq: lastSeq, at: now(), ...body }
    const topic = topicOf(body.conversationId)
    topic.apply(event)
    topic.log.append(event)
    for (const wake of topic.readers) wake()
    if (event.type === 'turn-end' && topics.size > 2 * KEEP_TOPICS) sweep()
    if (isNotice(event)) {
      notices.append(event)
      for (const wake of noticeReaders) wake()
    }
  }

  function restore(conversationId: ConversationId, turn: TurnSnapshot): void {
    const { turnId, outcome, model, usage, costMicros, firstPartMs } = turn
    topicOf(conversationId).restore(turn)
    if (outcome === null) return
    publish({ type: 'turn-end', conversationId, turnId, outcome, model, usage, costMicros, firstPartMs })
  }

  function topicOf(conversationId: ConversationId): Topic {
    const known = topics.get(conversationId)
    if (known !== undefined) return known
    const topic = createTopic(conversationId, lastSeq, now())
    topics.set(conversationId, topic)
    return topic
  }

  function subscribeToTopics(conversations: readonly ConversationId[], after: number | null): Subscription {
    const followed = [...new Set(conversations)].map(topicOf)
    const reader = createReader({
      logs: followed.map((topic) => topic.log),
      after,
      lastSeq: () => lastSeq,
      snapshot: () => snapshotsOf(followed, true),
    })
    return register(
      reader,
      followed.map((topic) => topic.readers),
    )
  }

  function subscribeToNotices(after: number | null): Subscription {
    const reader = createReader({
      logs: [notices],
      after,
      lastSeq: () => lastSeq,
      snapshot: () =>
        snapshotsOf(
          [...topics.values()].filter((topic) => topic.turns().length > 0),
          false,
        ),
    })
    return register(reader, [noticeReaders])
  }

  function register(reader: ReturnType<typeof createReader>, places: readonly Set<() => void>[]): Subscription {
    subscribers += 1
    for (const place of places) place.add(reader.wake)
    return {
      take: reader.take,
      ready: reader.ready,
      [Symbol.dispose]: () => {
        if (places.some((place) => place.delete(reader.wake))) {
          for (const place of places) place.delete(reader.wake)
          subscribers -= 1
        }
        reader.wake()
      },
    }
  }

  /** Who has seen the last one has seen all; who resumes after another of them begins again. */
  function snapshotsOf(shown: readonly Topic[], withText: boolean): readonly Frame[] {
    return shown.map((topic, index) => {
      const seq = index === shown.length - 1 ? lastSeq : 0
      return toSnapshotFrame({ seq, at: now(), conversationId: topic.conversationId }, topic.turns(), withText)
    })
  }

  /** The oldest come first. */
  function sweep(): void {
    for (const [conversationId, topic] of topics) {
      const idleSince = topic.idleSince()
      if (topic.readers.size > 0 || idleSince === null) continue
      if (topics.size > KEEP_TOPICS || now() - idleSince > KEEP_MS) topics.delete(conversationId)
    }
  }
}

function isNotice(event: NatterEvent): boolean {
  return event.type === 'turn-start' || event.type === 'turn-end' || event.type === 'conversation'
}
