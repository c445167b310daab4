// One prompt, one answer.

import { currentPlace, providerEnvironment } from '../client/environment.ts'
import { followTurn, type TurnResult } from '../client/follow-turn.ts'
import { NatterError } from '../protocol/errors.ts'
import { createId, shortId } from '../protocol/ids.ts'
import type { RequestOf, ResponseOf } from '../protocol/schema/operations.ts'
import { type AnswerOutput, createAnswerOutput } from './answer-output.ts'
import { type AskOptions, formatOf, toParameters } from './ask-options.ts'
import { conclude } from './conclude.ts'
import type { CommandContext } from './context.ts'
import { refuseClashes } from './option-clashes.ts'
import { joinPrompt, readStdin } from './stdin.ts'

/** Longer than any call waits for natterd, in milliseconds. */
const PATIENCE_MS = 15_000
const CANCEL_MS = 300
/** A natterd that is slow is waited for, one that is stuck is not, in milliseconds. */
const LAST_CANCEL_MS = 2_000

type StartRequest = RequestOf<'turns.start'>
type Started = ResponseOf<'turns.start'>

export async function ask(context: CommandContext, words: readonly string[], options: AskOptions): Promise<void> {
  refuseClashes(options)
  const prompt = await readPrompt(context, words, options)
  const request = await toRequest(context, prompt, options)
  if (options.dryRun === true) {
    const { showEstimate } = await import('./dry-run.ts')
    return showEstimate(context, request, options)
  }
  const started = await start(context, request)
  if (started.notice !== null) context.note(started.notice)
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
    goOn: options.log ? 'natter -c "go on"' : null,
  })
}

/** What the daemon finds wrong with a request was typed here. */
async function start({ client, signal }: CommandContext, request: StartRequest): Promise<Started> {
  // A natterd that is held up does not begin, and pay for, what was given up by then.
  const startBefore = Date.now() + PATIENCE_MS
  try {
    return await client.call('turns.start', { ...request, startBefore }, signal)
  } catch (error) {
    // It may have been started all the same; where nobody listens, it is too late in a moment.
    if (signal.aborted) await cancel(client, request.turnId, CANCEL_MS)
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

async function readPrompt(context: CommandContext, words: readonly string[], options: AskOptions): Promise<string> {
  const forced = words[0] === '-'
  const given = options.prompt === undefined ? [] : [options.prompt]
  const argument = [...given, ...(forced ? words.slice(1) : words)].join(' ')
  const hasPrompt = argument !== ''
  const needsNone = options.editor === true || options.template !== undefined
  const { note, signal } = context
  const piped = await readStdin({ forced, hasPrompt: hasPrompt || needsNone, note, signal })
  let prompt = joinPrompt(piped, argument)
  if (options.editor === true) {
    const { editText } = await import('./editor.ts')
    prompt = await editText(prompt, context.env)
  }
  if (prompt.trim() !== '' || options.template !== undefined) return prompt
  throw new NatterError('usage', 'Cannot ask: there is no prompt', {
    hint: 'Run natter "your question", pipe text in, or see "natter --help"',
  })
}

async function toRequest(context: CommandContext, prompt: string, options: AskOptions): Promise<StartRequest> {
  const conversationId = await findConversation(context, options)
  const request: StartRequest = {
    turnId: createId('trn'),
    prompt,
    origin: process.stdin.isTTY === true && process.stdout.isTTY === true ? 'oneshot' : 'script',
    place: currentPlace(),
    environment: providerEnvironment(context.env),
    log: options.log,
    ...(conversationId === null ? {} : { conversationId }),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.system === undefined ? {} : { system: options.system }),
    ...(options.option === undefined ? {} : { parameters: toParameters(options.option) }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  }
  if (options.template === undefined) return request
  const { applyTemplate } = await import('./template.ts')
  return applyTemplate(request, options.template, context.paths)
}

async function findConversation(
  { client, note }: CommandContext,
  options: AskOptions,
): Promise<NonNullable<StartRequest['conversationId']> | null> {
  if (options.resume !== undefined) {
    const { conversation } = await client.call('conversations.get', { reference: options.resume })
    note(`continuing "${conversation.title}" (${shortId(conversation.conversationId)})`)
    return conversation.conversationId
  }
  if (options.continue !== true) return null
  const { conversation, match } = await client.call('conversations.latest', { place: currentPlace() })
  if (conversation === null) {
    throw new NatterError('not-found', 'Cannot continue: there is no conversation yet', {
      hint: 'Ask without -c first',
    })
  }
  const where = {
    terminal: 'last used in this terminal',
    directory: 'last used in this directory',
    anywhere: 'last used',
  }
  note(`continuing "${conversation.title}" (${shortId(conversation.conversationId)}), ${where[match ?? 'anywhere']}`)
  return conversation.conversationId
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
        onState: (state) => context.note(state === 'lost' ? 'lost natterd, connecting again' : 'natterd is back'),
      },
      new AbortController().signal,
    )
  } catch (error) {
    output.abort()
    throw error
  }
}
