// One prompt, one answer.

import { currentPlace, providerEnvironment } from '../client/environment.ts'
import { NatterError } from '../protocol/errors.ts'
import { createId } from '../protocol/ids.ts'
import type { RequestOf } from '../protocol/schema/operations.ts'
import { type AskOptions, toParameters } from './ask-options.ts'
import type { CommandContext } from './context.ts'
import { describeContinued } from './continuing.ts'
import { refuseClashes } from './option-clashes.ts'
import { runTurn } from './run-turn.ts'
import { joinPrompt, readStdin } from './stdin.ts'

type StartRequest = RequestOf<'turns.start'>

export async function ask(context: CommandContext, words: readonly string[], options: AskOptions): Promise<void> {
  refuseClashes(options)
  const prompt = await readPrompt(context, words, options)
  const request = await toRequest(context, prompt, options)
  if (options.dryRun === true) {
    const { showEstimate } = await import('./dry-run.ts')
    return showEstimate(context, request, options)
  }
  return runTurn(context, request, options)
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
    ...(options.refresh === true
      ? { cache: 'refresh' as const }
      : options.cache === true
        ? { cache: 'use' as const }
        : {}),
    ...(options.maxCost === undefined ? {} : { maxCostMicros: options.maxCost }),
    ...(options.overBudget === undefined ? {} : { overBudget: options.overBudget }),
    ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
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
    note(describeContinued('continuing', conversation))
    return conversation.conversationId
  }
  if (options.continue !== true) return null
  const { conversation, match } = await client.call('conversations.latest', { place: currentPlace() })
  if (conversation === null) {
    throw new NatterError('not-found', 'Cannot continue: there is no conversation yet', {
      hint: 'Ask without -c first',
    })
  }
  note(describeContinued('continuing', conversation, match))
  return conversation.conversationId
}
