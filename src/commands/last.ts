// natter last: the last answer of the conversation last used here, or a code block of it.

import type { Command } from 'commander'
import { currentPlace } from '../client/environment.ts'
import { answerOf, type TurnResult } from '../client/follow-turn.ts'
import { NatterError } from '../protocol/errors.ts'
import { shortId } from '../protocol/ids.ts'
import type { Conversation, Turn } from '../protocol/schema/entities.ts'
import { createAnswerOutput } from './answer-output.ts'
import type { CommandContext } from './context.ts'
import { describeEnding } from './ending.ts'
import { writeJson, writeText } from './print.ts'
import { findTurn, readTurn } from './stored-turn.ts'
import { noteUnsaved } from './unsaved.ts'

interface LastOptions {
  readonly code?: true | number
  readonly json?: boolean
  readonly raw?: boolean
  readonly quiet?: boolean
}

export function define(command: Command, context: CommandContext): void {
  command
    .option('--code [n]', 'print its last code block, or the n-th', toIndex)
    .option('--json', 'print one JSON object')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('-q, --quiet', 'no notes on stderr')
    .addHelpText('after', '\nWaits for an answer that is still being written; "natter tail" shows it meanwhile.')
    .action((options: LastOptions) => showLast(context, options))
}

function toIndex(value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value)
  throw new NatterError('usage', `Cannot print code block "${value}": blocks are counted from 1`)
}

async function showLast(context: CommandContext, options: LastOptions): Promise<void> {
  const conversation = await findLatest(context)
  const turn = await findTurn(context, conversation.conversationId)
  if (turn.status !== 'ended') context.note(`waiting for the answer in "${turn.title}" to end`)
  const result = await readTurn(context, turn, {}, context.signal)
  noteUnsaved(context, result)
  if (options.json !== true) noteOutcome(context, turn, result)
  if (options.code !== undefined) return showCode(context, { turn, result, options })
  const output = await createAnswerOutput(context, options)
  output.onDelta({ type: 'text-delta', text: answerOf(result) })
  await output.end(turn, result)
}

async function findLatest({ client, signal }: CommandContext): Promise<Conversation> {
  const { conversation } = await client.call('conversations.latest', { place: currentPlace() }, signal)
  if (conversation !== null) return conversation
  throw new NatterError('not-found', 'Cannot show the last answer: there is no conversation yet', {
    hint: 'Ask something first: natter "your question"',
  })
}

function noteOutcome({ note }: CommandContext, turn: Turn, result: TurnResult): void {
  const words = describeResult(result)
  if (words !== null) note(`the answer in "${turn.title}" ${words}`)
}

function describeResult({ outcome, reply }: TurnResult): string | null {
  switch (outcome.type) {
    case 'completed':
      return describeEnding(reply)
    case 'cancelled':
      return 'was stopped'
    case 'failed':
      return `failed: ${outcome.error.message}`
  }
}

interface Shown {
  readonly turn: Turn
  readonly result: TurnResult
  readonly options: LastOptions
}

async function showCode(context: CommandContext, { turn, result, options }: Shown): Promise<void> {
  const { codeBlocks } = await import('../render/code-blocks.ts')
  const blocks = codeBlocks(answerOf(result))
  const index = options.code === true ? blocks.length : (options.code ?? 0)
  const block = blocks[index - 1]
  if (block === undefined) {
    const there = blocks.length === 0 ? 'no code block' : `${blocks.length}`
    throw new NatterError(
      'not-found',
      `Cannot print code block ${index === 0 ? '' : `${index} `}of the last answer in "${turn.title}": it has ${there}`,
      { hint: `Run "natter tail ${shortId(turn.turnId)}" to see the answer` },
    )
  }
  const { language, text } = block
  if (options.json === true) writeJson(context, { turnId: turn.turnId, index, language, text })
  else writeText(context, text.endsWith('\n') ? text : `${text}\n`)
}
