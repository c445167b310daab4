// natter history show: rendered on a terminal, Markdown elsewhere.

import { shortId } from '../../protocol/ids.ts'
import type { Conversation, Message } from '../../protocol/schema/entities.ts'
import { formatRelativeTime } from '../../render/plain.ts'
import { sanitizeLine } from '../../render/sanitize.ts'
import { type Span, wrapSpans } from '../../render/spans.ts'
import type { CommandContext } from '../context.ts'
import { givenAgain } from '../given-again.ts'
import { costOfAll } from '../money.ts'
import { count, terminalOf, textWidth, writeJson, writeRows, writeText } from '../print.ts'
import { markdownHead, markdownMessage } from './markdown.ts'
import { messageEnding } from './message-ending.ts'
import { readMessages } from './pages.ts'

const NEWEST = 50

interface ShowOptions {
  readonly all?: boolean
  readonly raw?: boolean
  readonly json?: boolean
}

export async function show(context: CommandContext, reference: string, options: ShowOptions): Promise<void> {
  const { client, signal, stdout } = context
  const { conversation } = await client.call('conversations.get', { reference }, signal)
  const messages = await read(context, conversation, options.all === true)
  if (options.json === true) {
    writeJson(context, { ...conversation, messages })
    return
  }
  const missing = conversation.messageCount - messages.length
  if (missing > 0 && options.all !== true) {
    context.note(`${count(missing, 'message')} more, earlier or on other branches; --all shows all of this branch`)
  }
  if (stdout.isTTY === true && options.raw !== true) await render(context, conversation, messages)
  else writeText(context, [markdownHead(conversation), ...messages.map(markdownMessage)].join(''))
}

async function read(context: CommandContext, conversation: Conversation, all: boolean): Promise<readonly Message[]> {
  const { client, signal } = context
  const { conversationId } = conversation
  if (!all) return (await client.call('messages.list', { conversationId, limit: NEWEST }, signal)).messages
  const pages = []
  for await (const page of readMessages(context, conversationId)) pages.push(page)
  return pages.flat()
}

async function render(
  context: CommandContext,
  conversation: Conversation,
  messages: readonly Message[],
): Promise<void> {
  const [{ renderBlocks, loadLanguages }, { createStyle }] = await Promise.all([
    import('../../render/markdown.ts'),
    import('../../render/style.ts'),
  ])
  const style = createStyle(terminalOf(context))
  const now = Date.now()
  const { title, conversationId, usedAt, costMicros, unpricedAnswers: unpriced, fallback } = conversation
  const cost = costOfAll({ costMicros, unpriced })
  const policy = `fallback ${fallback ?? 'as the settings say'}`
  const facts = [shortId(conversationId), formatRelativeTime(usedAt, now), cost, policy].join(' · ')
  const width = textWidth(context)
  writeRows(context, [
    ...wrapSpans([{ text: sanitizeLine(title), roles: ['title'] }], width),
    ...wrapSpans([{ text: facts, roles: ['dim'] }], width),
  ])
  for (const message of messages) {
    const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
    await loadLanguages(text)
    const head: Span =
      message.role === 'user' ? { text: 'You', roles: ['accent'] } : { text: speakerOf(message), roles: ['strong'] }
    const when: Span = { text: ` ${describeTime(message, now)}`, roles: ['dim'] }
    writeRows(context, [[], ...wrapSpans([head, when], width)])
    context.stdout.write(`${renderBlocks(text, style).join('\n')}\n`)
    const ending = messageEnding(message)
    if (ending !== null)
      writeRows(context, wrapSpans([{ text: `(${sanitizeLine(ending)})`, roles: ['warning'] }], width))
  }
}

function describeTime({ createdAt, cached }: Message, now: number): string {
  const at = formatRelativeTime(createdAt, now)
  return cached === null ? at : `${at} · ${givenAgain(cached, formatRelativeTime(cached.createdAt, now))}`
}

function speakerOf({ model }: Message): string {
  return sanitizeLine(model ?? 'Assistant')
}
