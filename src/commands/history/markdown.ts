// A conversation as a Markdown document that reads well and survives whatever its messages hold.

import type { Conversation, Message } from '../../protocol/schema/entities.ts'
import { closesFence, type Fence, openFence } from '../../render/fence.ts'
import { givenAgain } from '../given-again.ts'
import { costOfAll } from '../money.ts'
import { messageEnding } from './message-ending.ts'

export function markdownHead(conversation: Conversation): string {
  const { conversationId, title, model, system, createdAt, usedAt, fallback } = conversation
  const { costMicros, unpricedAnswers: unpriced } = conversation
  const facts = [
    `- Conversation: \`${conversationId}\``,
    `- Begun: ${formatTime(createdAt)}`,
    `- Last used: ${formatTime(usedAt)}`,
    ...(model === null ? [] : [`- Model: ${model}`]),
    `- Fallback: ${fallback ?? 'as the settings say'}`,
    `- Cost: ${costOfAll({ costMicros, unpriced })}`,
  ]
  const head = `# ${oneLine(title)}\n\n${facts.join('\n')}\n`
  return system === null || system === '' ? head : `${head}\n## System prompt\n\n${toBody(system)}`
}

/** Begins with the blank line and the rule that part it from what stands before. */
export function markdownMessage(message: Message): string {
  const blocks = message.parts.map((part) => (part.type === 'reasoning' ? quote(part.text) : toBody(part.text)))
  const ending = messageEnding(message)
  const body = [...blocks, ...(ending === null ? [] : [`*[${oneLine(ending)}]*\n`])].join('\n')
  const { createdAt, cached } = message
  const again = cached === null ? '' : ` · ${givenAgain(cached, formatTime(cached.createdAt))}`
  return `\n---\n\n## ${speakerOf(message)}\n\n*${formatTime(createdAt)}${again}*\n\n${body}`
}

function speakerOf({ role, model }: Message): string {
  if (role === 'user') return 'You'
  return model === null ? 'Assistant' : `Assistant (${oneLine(model)})`
}

/** A fence that an interrupted answer left open would swallow everything after it. */
function toBody(text: string): string {
  let open: Fence | null = null
  for (const line of text.split('\n')) {
    if (open === null) open = openFence(line)
    else if (closesFence(line, open)) open = null
  }
  const ended = text.endsWith('\n') ? text : `${text}\n`
  return open === null ? ended : `${ended}${open.mark.repeat(open.length)}\n`
}

function quote(text: string): string {
  return `> **Reasoning**\n>\n${text.trimEnd().replace(/^/gm, '> ')}\n`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** In UTC, so that the same history gives the same document everywhere. */
function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
