// Where the pieces of an answer go: exact bytes, rendered Markdown, one object, or the events themselves.

import { answerOf, type TurnResult } from '../client/follow-turn.ts'
import { NatterError } from '../protocol/errors.ts'
import type { NatterEvent } from '../protocol/schema/events.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import type { StreamPart } from '../protocol/stream.ts'
import type { Wait } from '../render/wait.ts'
import { type AskOptions, formatOf } from './ask-options.ts'
import type { CommandContext } from './context.ts'
import { isRefused } from './ending.ts'
import { createWaitingNote } from './waiting-note.ts'

type Started = ResponseOf<'turns.start'>
export type TurnFacts = Pick<Started, 'conversationId' | 'turnId' | 'model'>

export interface AnswerOutput {
  onDelta(part: Extract<StreamPart, { text: string }>): void
  onEvent(event: NatterEvent): void
  /** Null: it waits no longer. */
  onWait(wait: Wait | null): void
  end(turn: TurnFacts, result: TurnResult): Promise<void>
  /** What is on the screen stays readable. */
  abort(): void
}

export type OutputOptions = Pick<AskOptions, 'json' | 'outputFormat' | 'extract' | 'raw' | 'quiet'>

export async function createAnswerOutput(context: CommandContext, options: OutputOptions): Promise<AnswerOutput> {
  const format = formatOf(options)
  if (format === 'stream-json') return eventOutput(context)
  if (format === 'json') return withWaitingNote(context, jsonOutput(context))
  if (options.extract === true) return withWaitingNote(context, codeOutput(context))
  if (context.stdout.isTTY !== true) return withWaitingNote(context, exactOutput(context))
  const { createTerminalOutput } = await import('./terminal-output.ts')
  return createTerminalOutput(context, options)
}

const NOTHING: AnswerOutput = {
  onDelta() {},
  onEvent() {},
  onWait() {},
  end: () => Promise.resolve(),
  abort() {},
}

function withWaitingNote({ note }: CommandContext, output: AnswerOutput): AnswerOutput {
  const waiting = createWaitingNote(note)
  return {
    ...output,
    onWait: (wait) => (wait === null ? waiting.over() : waiting.wait(wait)),
    end(turn, result) {
      waiting.over()
      return output.end(turn, result)
    },
    abort() {
      waiting.over()
      output.abort()
    },
  }
}

function exactOutput({ stdout }: CommandContext): AnswerOutput {
  return {
    ...NOTHING,
    onDelta(part) {
      if (part.type === 'text-delta') stdout.write(part.text)
    },
  }
}

/** Whoever comes after the end of a turn gets a snapshot that holds it; here it is said once more, last, as for all others. */
function eventOutput({ stdout }: CommandContext): AnswerOutput {
  let last: NatterEvent | null = null
  const onEvent = (event: NatterEvent) => {
    last = event
    stdout.write(`${JSON.stringify(event)}\n`)
  }
  return {
    ...NOTHING,
    onEvent,
    async end(turn, result) {
      if (last?.type !== 'turn-end') onEvent(toTurnEnd(turn, result, last))
    },
  }
}

function toTurnEnd({ conversationId, turnId }: TurnFacts, result: TurnResult, last: NatterEvent | null): NatterEvent {
  const { outcome, model, reply, costMicros, firstPartMs, cached, unsaved } = result
  return {
    seq: last?.seq ?? 0,
    at: last?.at ?? Date.now(),
    conversationId,
    turnId,
    type: 'turn-end',
    outcome,
    model,
    usage: reply.usage,
    costMicros,
    firstPartMs,
    ...(cached === undefined ? {} : { cached }),
    ...(unsaved === undefined ? {} : { unsaved }),
  }
}

function jsonOutput({ stdout }: CommandContext): AnswerOutput {
  return {
    ...NOTHING,
    async end(turn, result) {
      stdout.write(`${JSON.stringify(toObject(turn, result))}\n`)
    },
  }
}

/** The one object of `--json`; `cost` in US dollars, null where the price is unknown. */
export function toObject({ conversationId, turnId }: TurnFacts, result: TurnResult): object {
  const { reply, model, outcome, costMicros, cached } = result
  return {
    conversationId,
    turnId,
    model,
    text: answerOf(result),
    finish: reply.finish,
    usage: reply.usage,
    cost: toDollars(costMicros),
    cached: cached === undefined ? null : { createdAt: cached.createdAt, saved: toDollars(cached.savedMicros) },
    outcome,
  }
}

function toDollars(micros: number | null): number | null {
  return micros === null ? null : micros / 1_000_000
}

function codeOutput({ stdout }: CommandContext): AnswerOutput {
  return {
    ...NOTHING,
    end: (_turn, result) => writeLastBlock(stdout, answerOf(result), result),
  }
}

async function writeLastBlock(stdout: NodeJS.WriteStream, text: string, result: TurnResult): Promise<void> {
  const { codeBlocks } = await import('../render/code-blocks.ts')
  const last = codeBlocks(text).at(-1)
  if (last !== undefined) stdout.write(last.text.endsWith('\n') ? last.text : `${last.text}\n`)
  else if (result.outcome.type === 'completed' && !isRefused(result)) {
    throw new NatterError('not-found', 'Cannot extract code: the answer has no code block', {
      hint: 'Run "natter last" to see the answer',
    })
  }
}
