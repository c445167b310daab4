// The values that an argument or an option may take; asked of the daemon only where one runs, and only for a moment.

import { setTimeout as delay } from 'node:timers/promises'
import { providerEnvironment } from '../../client/environment.ts'
import { shortId } from '../../protocol/ids.ts'
import type { CommandContext } from '../context.ts'
import { CLOUD_PROVIDERS } from '../known-providers.ts'
import { findRunning, isUnderstood, type RunningDaemon } from '../running-daemon.ts'
import { listTemplates } from '../template.ts'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** The shell itself knows the names of files best. */
export const FILES = 'files'

export interface ValueKind {
  /** Of the argument, or of the option in camel case. */
  readonly name: string
  readonly choices: readonly string[] | null
}

/** Nobody waits longer for a Tab, in milliseconds. */
const PATIENCE_MS = 700
const CONVERSATIONS = 50

export async function candidatesFor(
  context: CommandContext,
  { name, choices }: ValueKind,
): Promise<readonly Candidate[] | typeof FILES> {
  if (choices !== null) return choices.map(toCandidate)
  switch (name) {
    case 'file':
    case 'output':
      return FILES
    case 'template':
      return listTemplates(context.paths).map(toCandidate)
    case 'outputFormat':
      return ['text', 'json', 'stream-json'].map(toCandidate)
    case 'provider':
      return CLOUD_PROVIDERS.map(toCandidate)
    case 'model':
      return ask(context, listModels)
    case 'conversation':
    case 'resume':
      return ask(context, listConversations)
    case 'turn':
      return ask(context, listTurns)
    default:
      return []
  }
}

function toCandidate(value: string): Candidate {
  return { value, description: '' }
}

type Ask = (daemon: RunningDaemon, context: CommandContext, signal: AbortSignal) => Promise<readonly Candidate[]>

async function ask(context: CommandContext, question: Ask): Promise<readonly Candidate[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const tooLate = delay(PATIENCE_MS, [], { ref: false })
  try {
    return await Promise.race([tooLate, answer(context, question, signal)])
  } catch {
    // A completion that fails offers nothing; a message would spoil the line that is being typed.
    return []
  }
}

async function answer(context: CommandContext, question: Ask, signal: AbortSignal): Promise<readonly Candidate[]> {
  const daemon = await findRunning(context.paths)
  return daemon === null || !(await isUnderstood(daemon)) ? [] : question(daemon, context, signal)
}

async function listModels(daemon: RunningDaemon, { env }: CommandContext, signal: AbortSignal) {
  const { models } = await daemon.call('models.list', { environment: providerEnvironment(env) }, signal)
  return models.map(({ model, name }) => ({ value: model, description: name }))
}

async function listConversations(daemon: RunningDaemon, _context: CommandContext, signal: AbortSignal) {
  const { conversations } = await daemon.call('conversations.list', { limit: CONVERSATIONS }, signal)
  return conversations.map(({ conversationId, title }) => ({ value: shortId(conversationId), description: title }))
}

/** What runs, then the conversations, which mean their last turn. */
async function listTurns(daemon: RunningDaemon, context: CommandContext, signal: AbortSignal) {
  const { turns } = await daemon.call('turns.list', {}, signal)
  const running = turns.map(({ turnId, title, status }) => ({
    value: shortId(turnId),
    description: `${status}: ${title}`,
  }))
  return [...running, ...(await listConversations(daemon, context, signal))]
}
