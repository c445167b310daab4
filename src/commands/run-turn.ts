// One turn from its request to its answer on stdout, and to the exit code that it stands for.

import { followTurn, type TurnResult } from '../client/follow-turn.ts'
import { NatterError } from '../protocol/errors.ts'
import type { RequestOf, ResponseOf } from '../protocol/schema/operations.ts'
import { type AnswerOutput, createAnswerOutput, type OutputOptions } from './answer-output.ts'
import { formatOf } from './ask-options.ts'
import { conclude } from './conclude.ts'
import type { CommandContext } from './context.ts'
import { isLastResort, noteOwnDoor } from './own-door.ts'

/** Longer than any call waits for natterd, in milliseconds. */
const PATIENCE_MS = 15_000
const CANCEL_MS = 300
/** A natterd that is slow is waited for, one that is stuck is not, in milliseconds. */
const LAST_CANCEL_MS = 2_000

type StartRequest = RequestOf<'turns.start'>
type Started = ResponseOf<'turns.start'>

export interface RunOptions extends OutputOptions {
  readonly usage?: boolean
  readonly detach?: boolean
}

export async function runTurn(context: CommandContext, request: StartRequest, options: RunOptions): Promise<void> {
  const started = await start(context, request)
  if (started.notice !== null) context.note(started.notice)
  if (isLastResort(started)) noteOwnDoor(context)
  if (options.detach === true) {
    const { turnId, conversationId, model } = started
    const isText = formatOf(options) === 'text'
    context.stdout.write(`${isText ? turnId : JSON.stringify({ conversationId, turnId, model })}\n`)
    return
  }
  const output = await createAnswerOutput(context, options)
  const result = await follow(context, started, output)
  await conclude(context, {
    output,
    turn: started,
    result,
    usage: options.usage === true,
    reference: request.log === false ? null : '',
  })
}

/** What the daemon finds wrong with a request was typed here. */
async function start(context: CommandContext, request: StartRequest): Promise<Started> {
  const { client, signal } = context
  // A natterd that is held up does not begin, and pay for, what was given up by then.
  const startBefore = Date.now() + PATIENCE_MS
  try {
    return await client.call('turns.start', { ...request, startBefore }, signal)
  } catch (error) {
    // It may have been started all the same; where nobody listens, it is too late in a moment.
    if (signal.aborted) await cancel(client, request.turnId, CANCEL_MS)
    if (error instanceof NatterError && error.code === 'key-missing') noteOwnDoor(context)
    const prefix = 'Cannot run turns.start: '
    if (!(error instanceof NatterError) || !error.message.startsWith(prefix)) throw error
    throw new NatterError('usage', `Cannot ask: ${error.message.slice(prefix.length)}`, {
      hint: 'See "natter --help"',
      cause: error,
    })
  }
}

async function cancel({ call }: CommandContext['client'], turnId: StartRequest['turnId'], ms: number): Promise<void> {
  await call('turns.cancel', { turnId }, AbortSignal.timeout(ms)).catch(() => {})
}

async function follow(context: CommandContext, started: Started, output: AnswerOutput): Promise<TurnResult> {
  const stop = () => {
    // The end of the turn comes as an event, with all that was said until then.
    context.client.call('turns.cancel', { turnId: started.turnId }).catch(() => {})
  }
  context.signal.addEventListener('abort', stop, { once: true })
  if (context.signal.aborted) stop()
  // Nobody will read what comes; what came is kept.
  context.whenUnread(() => cancel(context.client, started.turnId, LAST_CANCEL_MS))
  try {
    return await followTurn(
      context.client,
      started,
      {
        onDelta: output.onDelta,
        onEvent: output.onEvent,
        onWait: output.onWait,
        onState: (state) => context.note(state === 'lost' ? 'lost natterd, connecting again' : 'natterd is back'),
      },
      new AbortController().signal,
    )
  } catch (error) {
    output.abort()
    throw error
  }
}
