// One request as one turn: begun, followed, and given up with its connection unless a conversation keeps it.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { BOUNDS } from '../../../src/protocol/bounds.ts'
import { createId, isId, type TurnId } from '../../../src/protocol/ids.ts'
import type { Conversation } from '../../../src/protocol/schema/entities.ts'
import type { RequestOf } from '../../../src/protocol/schema/operations.ts'
import { pathOf } from '../path-of.ts'
import { type AnswerReader, createAnswerReader } from './answer-reader.ts'
import type { Asked } from './asked.ts'
import { watchClient } from './client-watch.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { BadRequest } from './errors.ts'
import { isParticular, sortExtras } from './extras.ts'
import { type NatterWishes, readWishes, type Truncation } from './natter-headers.ts'
import { checkLength } from './too-long.ts'

export interface TurnCall {
  readonly turnId: TurnId
  readonly reader: AnswerReader
  /** Aborts when the client has left. */
  readonly gone: AbortSignal
}

export interface Call {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly asked: Asked
  readonly truncation: Truncation
}

interface Keeping {
  readonly log: boolean
  /** Null: one of its own. */
  readonly conversation: Conversation | null
  /** The daemon's own: it goes on when the client leaves. */
  readonly isDetached: boolean
}

/** Answers with what `answer` makes of the turn; undefined where that has sent everything itself. */
export async function answerWithTurn(
  options: OpenAiDoorOptions,
  { request, reply, asked, truncation }: Call,
  answer: (call: TurnCall) => Promise<object | undefined>,
): Promise<object | undefined> {
  const turnId = createId('trn')
  // Before anything is waited for: who leaves meanwhile shall be noticed.
  using client = watchClient(reply.raw, options.closing)
  reply.header('x-request-id', turnId)
  const wishes = readWishes(request.headers)
  const keeping = await toKeeping(options, wishes, request)
  if (keeping.log) checkKept(asked, request)
  const { extra, ignored } = await sortForModel(options, asked, keeping)
  if (ignored.length > 0) reply.header('x-natter-ignored', ignored.join(', '))
  const giveUp = () => void options.turns.cancel(turnId).catch((error) => options.onFailure(error, pathOf(request)))
  if (!keeping.isDetached) client.gone.addEventListener('abort', giveUp, { once: true })
  if (client.gone.aborted && !keeping.isDetached) {
    reply.hijack()
    return undefined
  }
  const started = await options.turns.start(
    { turnId, ...toStart(asked, keeping, extra), ...wishes.options },
    { deviceId: request.deviceId, brought: { ...asked, truncation: truncation === 'auto' ? 'auto' : 'refuse' } },
  )
  if (keeping.log) reply.header('x-natter-conversation', started.conversationId)
  const subscription = await options.hub.subscribe({ conversations: [started.conversationId], after: null })
  const reader = createAnswerReader(subscription, turnId, started.model)
  // What goes on without its client counts as that client's all the same.
  const release = request.lease?.extend()
  try {
    return await answer({ turnId, reader, gone: client.gone })
  } catch (error) {
    // Without an answer nobody waits for the turn, unless a conversation does.
    if (reader.ending === null && !keeping.isDetached) giveUp()
    if (!reply.sent) throw error
    // The head is out, or nobody writes one any more: a connection that ends is all that can be said.
    options.onFailure(error, pathOf(request))
    reply.raw.destroy()
    return undefined
  } finally {
    void untilEnded(reader, options.closing).finally(() => {
      subscription[Symbol.dispose]()
      release?.()
    })
  }
}

/** A reader that breaks has nothing more to tell. */
async function untilEnded(reader: AnswerReader, closing: AbortSignal): Promise<void> {
  try {
    while (reader.ending === null && !closing.aborted) {
      reader.take()
      if (reader.ending === null) await reader.ready(closing)
    }
  } catch {
    // It was told where the answer was written.
  }
}

function toStart(
  { model, system, prompt, parameters }: Asked,
  { log, conversation }: Keeping,
  extra: { readonly [name: string]: unknown },
): Omit<RequestOf<'turns.start'>, 'turnId'> {
  return {
    origin: 'api',
    prompt,
    // Whoever brings all messages brings the system's too, or wants none.
    system,
    log,
    parameters: { ...parameters, ...(Object.keys(extra).length === 0 ? {} : { extra }) },
    ...(model === null ? {} : { model }),
    ...(conversation === null ? {} : { conversationId: conversation.conversationId }),
  }
}

/** The history is searched, shown and backed up as a whole: what stands in it for good is what somebody wrote. */
function checkKept({ prompt }: Asked, { deviceId }: FastifyRequest): void {
  const most = deviceId === null ? BOUNDS.promptBytes : BOUNDS.keptPromptChars
  const hint = 'Ask without keeping it, or send less at once'
  checkLength(prompt, most, { param: null, what: 'the question to keep', hint })
}

async function toKeeping(
  { findConversation, settings }: OpenAiDoorOptions,
  { conversation: named }: NatterWishes,
  { deviceId }: FastifyRequest,
): Promise<Keeping> {
  if (named === null) return { log: settings().openai?.keep ?? false, conversation: null, isDetached: false }
  if (named.toLowerCase() === 'new') return { log: true, conversation: null, isDetached: true }
  // A part of an id or a title would tell a device of conversations that are not its own.
  if (deviceId !== null && !isId('cnv', named)) {
    throw new BadRequest(
      `Cannot keep the answer in "${named.slice(0, 80)}": that is not the whole id of a conversation`,
      {
        param: 'x-natter-conversation',
        code: 'invalid_value',
        hint: 'Send "new", and then the id that the answer had in its header "x-natter-conversation"',
      },
    )
  }
  return { log: true, conversation: await findConversation(named, deviceId), isDetached: true }
}

async function sortForModel({ formatOf }: OpenAiDoorOptions, asked: Asked, { conversation }: Keeping) {
  const { model, prompt } = asked
  if (!isParticular(asked)) return { extra: {}, ignored: [] }
  return sortExtras(asked, await formatOf({ prompt, ...(model === null ? {} : { model }) }, conversation))
}
