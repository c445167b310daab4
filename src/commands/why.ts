// natter why: what was sent for an answer, what it waited for, and who was asked.

import type { Command } from 'commander'
import { shortId } from '../protocol/ids.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import { formatCost, formatDuration, formatRelativeTime, formatTokens } from '../render/plain.ts'
import type { CommandContext } from './context.ts'
import { count, writeFacts, writeJson } from './print.ts'
import { findTurn, lastHere } from './stored-turn.ts'

type Why = ResponseOf<'turns.why'>
type Facts = readonly (readonly [name: string, value: string])[]

export function define(command: Command, context: CommandContext): void {
  command
    .argument('[turn]', 'id, end of an id, or a conversation (its last turn); else the last turn here')
    .option('--json', 'print one JSON object')
    .action((reference: string | undefined, options: { json?: boolean }) =>
      tell(context, reference, options.json === true),
    )
}

async function tell(context: CommandContext, reference: string | undefined, json: boolean): Promise<void> {
  const { turnId } = await findTurn(context, reference ?? (await lastHere(context, 'Cannot tell why')))
  const why = await context.client.call('turns.why', { reference: turnId }, context.signal)
  if (json) writeJson(context, why)
  else
    writeFacts(context, [
      ...turnFacts(why),
      ...cacheFacts(why),
      ...contextFacts(why),
      ...attemptFacts(why),
      ...fallbackFacts(why),
      ...noteFacts(why),
    ])
}

function turnFacts(why: Why): Facts {
  const { turn, story } = why
  const { outcome, usage, startedAt, endedAt } = turn
  const took = endedAt === null ? 'still runs' : `took ${formatDuration(endedAt - startedAt)}`
  const ended = outcome === null ? took : `${outcome.type}, ${took}`
  return [
    ['turn', `${shortId(turn.turnId)} of "${turn.title}"`],
    ['outcome', outcome?.type === 'failed' ? `${ended}: ${outcome.error.message}` : ended],
    ['answered by', turn.model],
    ...(story === null || story.waitedMs === 0 ? [] : [['waited', formatDuration(story.waitedMs)] as const]),
    ...(usage === null ? [] : [['tokens', tokensOf(usage)] as const]),
    ...(endedAt === null ? [] : [['cost', costOf(why)] as const]),
  ]
}

/** Where nobody was asked, or nobody answered, nothing was spent, which is more than unknown. */
function costOf({ turn, story }: Why): string {
  // Without a story it was killed: who was asked by then, nobody knows.
  return turn.usage === null && story !== null ? 'nothing' : formatCost(turn.costMicros)
}

function tokensOf(usage: NonNullable<Why['turn']['usage']>): string {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, estimated } = usage
  const cached = cachedInputTokens === 0 ? [] : [`${formatTokens(cachedInputTokens)} from the provider's cache`]
  const written = cacheWriteTokens === 0 ? [] : [`${formatTokens(cacheWriteTokens)} written to it`]
  const details = [...cached, ...written].join(', ')
  const reasoning = reasoningTokens === 0 ? '' : ` (${formatTokens(reasoningTokens)} of it reasoning)`
  const input = `${formatTokens(inputTokens)} in${details === '' ? '' : ` (${details})`}`
  return `${input}, ${formatTokens(outputTokens)} out${reasoning}${estimated ? ', estimated' : ''}`
}

function cacheFacts({ story }: Why): Facts {
  if (story === null || story.cached === null) return []
  const { createdAt, savedMicros } = story.cached
  return [['given again', `from ${formatRelativeTime(createdAt, Date.now())}, which saved ${formatCost(savedMicros)}`]]
}

function contextFacts({ story }: Why): Facts {
  if (story === null || story.context === null) return []
  const { sentMessages, leftOutMessages, sentTokens, windowTokens } = story.context
  const window = windowTokens === null ? '' : ` of a window of ${formatTokens(windowTokens)}`
  return [
    ['sent', `${count(sentMessages, 'message')}, about ${formatTokens(sentTokens)} tokens${window}`],
    ['left out', leftOutMessages === 0 ? 'nothing' : `the oldest ${count(leftOutMessages, 'message')}`],
    ...summaryFacts(story),
  ]
}

function summaryFacts({ summary }: NonNullable<Why['story']>): Facts {
  // Stories of older versions know nothing of it.
  if (summary === null || summary === undefined) return []
  const { messages, model, text } = summary
  return [['summary', `of the oldest ${count(messages, 'message')}, by ${model}: ${text.replaceAll(/\s+/g, ' ')}`]]
}

function attemptFacts({ attempts }: Why): Facts {
  return attempts.map(({ number, model, startedAt, endedAt, firstPartMs, error, requestId }) => {
    const first = firstPartMs === null ? '' : `, first part after ${formatDuration(firstPartMs)}`
    const id = requestId === null ? '' : `, request ${requestId}`
    const how = error === null ? 'answered' : `${error.code}: ${error.message}`
    return [`call ${number}`, `${model}, ${formatDuration(endedAt - startedAt)}${first}${id}: ${how}`]
  })
}

function fallbackFacts({ story }: Why): Facts {
  return story === null ? [] : [['fallback', `${story.fallback}: ${FALLBACK_WORDS[story.fallback]}`]]
}

const FALLBACK_WORDS = {
  never: 'no other model may answer',
  ask: 'another model may answer where you say so',
  auto: 'another model may answer, where the settings name one',
} as const

function noteFacts({ story }: Why): Facts {
  return (story?.notes ?? []).map((note) => ['note', note] as const)
}
