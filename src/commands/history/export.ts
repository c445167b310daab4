// natter history export: one conversation or all, page by page, to standard output or to a new file.

import { NatterError } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { Conversation } from '../../protocol/schema/entities.ts'
import type { CommandContext } from '../context.ts'
import { count } from '../print.ts'
import { openSink, type Sink } from './export-sink.ts'
import { createJsonWriter, createMarkdownWriter, type ExportWriter } from './export-writer.ts'
import { readConversations, readMessages } from './pages.ts'

interface ExportOptions {
  readonly format?: string
  readonly output?: string
  readonly force?: boolean
  readonly all?: boolean
}

export async function exportHistory(
  context: CommandContext,
  reference: string | null,
  options: ExportOptions,
): Promise<void> {
  const createWriter = toWriter(options)
  if (reference !== null && options.all === true) {
    throw new NatterError('usage', `Cannot export both "${reference}" and all conversations: name one or use --all`)
  }
  const ids = await findIds(context, reference)
  const sink = await openSink(context, { file: options.output ?? null, force: options.force === true })
  try {
    const written = await writeAll(context, ids, createWriter(sink))
    await sink.commit()
    if (options.output !== undefined) context.note(`wrote ${count(written, 'conversation')} to "${options.output}"`)
    else if (written === 0) context.note('there is no conversation yet')
  } finally {
    await sink[Symbol.asyncDispose]()
  }
}

type CreateWriter = (sink: Pick<Sink, 'write'>) => ExportWriter

/** Without --format, the file's name tells. */
function toWriter({ format, output }: ExportOptions): CreateWriter {
  const wanted = format ?? (output?.toLowerCase().endsWith('.json') === true ? 'json' : 'markdown')
  if (wanted === 'json') return createJsonWriter
  if (wanted === 'markdown' || wanted === 'md') return createMarkdownWriter
  throw new NatterError('usage', `Cannot export as "${wanted}": the formats are markdown and json`)
}

/** All are listed before the first is read: one that is used meanwhile moves to where a page was read already. */
async function findIds(context: CommandContext, reference: string | null): Promise<readonly ConversationId[]> {
  const { client, signal } = context
  if (reference !== null) {
    return [(await client.call('conversations.get', { reference }, signal)).conversation.conversationId]
  }
  const ids = new Set<ConversationId>()
  for await (const page of readConversations(context)) for (const { conversationId } of page) ids.add(conversationId)
  return [...ids]
}

async function writeAll(
  context: CommandContext,
  ids: readonly ConversationId[],
  writer: ExportWriter,
): Promise<number> {
  let written = 0
  await writer.begin()
  for (const id of ids) {
    const conversation = await find(context, id)
    if (conversation === null) continue
    await writer.beginConversation(conversation)
    for await (const page of readMessages(context, id)) await writer.messages(page)
    await writer.endConversation()
    written += 1
  }
  await writer.end()
  return written
}

/** Null: it was removed since it was listed. */
async function find({ client, signal }: CommandContext, reference: ConversationId): Promise<Conversation | null> {
  try {
    return (await client.call('conversations.get', { reference }, signal)).conversation
  } catch (error) {
    if (error instanceof NatterError && error.code === 'not-found') return null
    throw error
  }
}
