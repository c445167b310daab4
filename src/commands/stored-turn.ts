// A turn that was started elsewhere: looked up by what a person types, and read to its end.

import { currentPlace } from '../client/environment.ts'
import { followTurn, type TurnObserver, type TurnResult } from '../client/follow-turn.ts'
import { NatterError } from '../protocol/errors.ts'
import { shortId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import type { NatterEvent, TurnSnapshot } from '../protocol/schema/events.ts'
import type { CommandContext } from './context.ts'

/** An id, an end of one, or a conversation, which means its last turn. */
export async function findTurn({ client, signal }: CommandContext, reference: string): Promise<Turn> {
  try {
    return (await client.call('turns.get', { reference }, signal)).turn
  } catch (error) {
    if (!(error instanceof NatterError) || error.code !== 'not-found' || error.message.endsWith('no turn yet'))
      throw error
    throw new NatterError('not-found', `There is no turn or conversation "${reference}"`, {
      hint: 'Run "natter ps" to see what runs, or "natter history list"',
      cause: error,
    })
  }
}

/** What to look up where a person names nothing: the conversation last used here. */
export async function lastHere({ client, signal }: CommandContext, doing: string): Promise<string> {
  const { conversation } = await client.call('conversations.latest', { place: currentPlace() }, signal)
  if (conversation !== null) return conversation.conversationId
  throw new NatterError('not-found', `${doing}: there is no conversation yet`, {
    hint: 'Ask something first: natter "your question"',
  })
}

/** Resolves when the turn has ended; it goes on when the signal aborts. */
export async function readTurn(
  { client }: CommandContext,
  turn: Turn,
  observer: TurnObserver,
  signal: AbortSignal,
): Promise<TurnResult> {
  signal.throwIfAborted()
  if (turn.status !== 'ended') return followTurn(client, turn, observer, signal)
  const { message } = await client.call('messages.get', { messageId: turn.messageId }, signal)
  const { parts, usage, finish, outcome, costMicros } = message
  const cached = message.cached === null ? {} : { cached: message.cached }
  if (outcome === null) return followTurn(client, turn, observer, signal)
  const { model, firstPartMs } = turn
  for (const part of parts) {
    observer.onDelta?.({ type: part.type === 'text' ? 'text-delta' : 'reasoning-delta', text: part.text })
  }
  observer.onEvent?.(await endedSnapshot({ client, signal }, turn, { parts, ...cached }))
  return { outcome, reply: { parts, usage, finish }, model, costMicros, firstPartMs, ...cached }
}

/** A snapshot as a reader would have got it, had it come while the daemon still held the turn. */
async function endedSnapshot(
  { client, signal }: Pick<CommandContext, 'client' | 'signal'>,
  turn: Turn,
  said: Pick<TurnSnapshot, 'parts' | 'cached'>,
): Promise<NatterEvent> {
  const { turnId, messageId, model, startedAt, usage, finish, outcome, costMicros, firstPartMs } = turn
  const { seq, at } = await currentSnapshot({ client, signal }, turn)
  const view = { turnId, messageId, model, startedAt, usage, finish, outcome, costMicros, firstPartMs, ...said }
  return { seq, at, conversationId: turn.conversationId, type: 'snapshot', turns: [view] }
}

async function currentSnapshot(
  { client, signal }: Pick<CommandContext, 'client' | 'signal'>,
  turn: Turn,
): Promise<Pick<NatterEvent, 'seq' | 'at'>> {
  const { follow } = await import('../client/subscription.ts')
  const stop = new AbortController()
  const options = { conversations: [turn.conversationId], signal: AbortSignal.any([signal, stop.signal]) }
  try {
    for await (const [event] of follow(client, options)) if (event !== undefined) return event
  } finally {
    stop.abort()
  }
  throw signal.reason
}

/** The outcome decides the exit code; that somebody stopped it needs a word. */
export function noteStopped({ note }: CommandContext, turn: Turn, { outcome }: TurnResult): void {
  if (outcome.type === 'cancelled') note(`${describeTurn(turn)} was stopped; that is all it said`)
}

/** Its title and what to call it by. */
export function describeTurn({ turnId, title }: Turn): string {
  return `"${title}" (${shortId(turnId)})`
}

/** A wait that was given up; the turn itself goes on. */
export function waitedInVain(turn: Turn, milliseconds: number): NatterError {
  return new NatterError('timeout', `Waited ${milliseconds} ms in vain for ${describeTurn(turn)}: it is not done yet`, {
    hint: `Run "natter tail ${shortId(turn.turnId)}" to see how far it is`,
  })
}
