// The event stream of conversations as the client sees it: it comes back by itself and never loses or repeats.

import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { NatterError } from '../protocol/errors.ts'
import type { ConversationId } from '../protocol/ids.ts'
import type { NatterEvent } from '../protocol/schema/events.ts'
import type { Client } from './api.ts'
import { isAbsent, isBroken } from './http.ts'

/** Waits between attempts, in milliseconds; the last one repeats. */
const BACKOFF_MS = [50, 200, 1_000, 3_000] as const
/** More than two heartbeats without a byte: the daemon is not there any more, whatever the socket says. */
const SILENCE_MS = 35_000

export type ConnectionState = 'lost' | 'back'

export interface FollowOptions {
  readonly conversations: readonly ConversationId[] | '*'
  readonly onState?: (state: ConnectionState) => void
  readonly signal: AbortSignal
}

/**
 * Batches of events, one for each network read. Ends only with the signal; a lost connection is taken up again
 * after the last event seen, and a daemon that died is started again.
 */
export async function* follow(client: Client, options: FollowOptions): AsyncGenerator<readonly NatterEvent[]> {
  const query =
    options.conversations === '*' ? 'conversation=*' : options.conversations.map((id) => `conversation=${id}`).join('&')
  let lastSeq: number | null = null
  let failures = 0
  while (!options.signal.aborted) {
    const stream = await connect(client, query, lastSeq, options.signal)
    if (stream !== null) {
      for await (const events of readEvents(stream)) {
        // Not before it says something: a stream that ends at once, again and again, is not back.
        if (failures > 0) options.onState?.('back')
        failures = 0
        lastSeq = events.at(-1)?.seq ?? lastSeq
        yield events
      }
    }
    if (options.signal.aborted) return
    if (failures === 0) options.onState?.('lost')
    await delay(BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)], undefined, { signal: options.signal }).catch(
      () => {},
    )
    failures += 1
  }
}

async function connect(
  client: Client,
  query: string,
  lastSeq: number | null,
  signal: AbortSignal,
): Promise<IncomingMessage | null> {
  try {
    return await client.openEvents(query, lastSeq, signal)
  } catch (error) {
    if (signal.aborted || isAbsent(error) || isBroken(error)) return null
    if (error instanceof NatterError && error.code !== 'daemon-unreachable') throw error
    // The first connection must succeed or say why; later ones are tried until somebody gives up.
    if (lastSeq === null) throw error
    return null
  }
}

/** Ends when the stream does, however it does: the caller connects again. */
async function* readEvents(stream: IncomingMessage): AsyncGenerator<readonly NatterEvent[]> {
  let events: NatterEvent[] = []
  const parser = createParser({ onEvent: (message) => events.push(JSON.parse(message.data) as NatterEvent) })
  stream.setEncoding('utf8')
  stream.setTimeout(SILENCE_MS, () => stream.destroy())
  try {
    for await (const chunk of stream) {
      parser.feed(chunk as string)
      if (events.length === 0) continue
      yield events
      events = []
    }
  } catch {
    // Cut off: what came is out, and the next connection takes up after it.
  }
}
