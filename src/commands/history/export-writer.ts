// The two forms of an export, written piece by piece.

import type { Conversation, Message } from '../../protocol/schema/entities.ts'
import type { Sink } from './export-sink.ts'
import { markdownHead, markdownMessage } from './markdown.ts'

export interface ExportWriter {
  begin(): Promise<void>
  beginConversation(conversation: Conversation): Promise<void>
  messages(messages: readonly Message[]): Promise<void>
  endConversation(): Promise<void>
  end(): Promise<void>
}

type Target = Pick<Sink, 'write'>

/** `{format, version, exportedAt, conversations: [{…, messages: [{…}]}]}`; times are milliseconds since 1970. */
export function createJsonWriter({ write }: Target): ExportWriter {
  let conversations = 0
  let written = 0
  return {
    begin: () => write(`{"format":"natter","version":1,"exportedAt":${Date.now()},"conversations":[`),
    beginConversation(conversation) {
      const separator = conversations > 0 ? ',\n' : '\n'
      conversations += 1
      written = 0
      return write(`${separator}${JSON.stringify(conversation).slice(0, -1)},"messages":[`)
    },
    async messages(messages) {
      for (const message of messages) {
        await write(`${written > 0 ? ',\n' : '\n'}${JSON.stringify(message)}`)
        written += 1
      }
    },
    endConversation: () => write(']}'),
    end: () => write('\n]}\n'),
  }
}

export function createMarkdownWriter({ write }: Target): ExportWriter {
  let conversations = 0
  return {
    begin: () => Promise.resolve(),
    beginConversation(conversation) {
      const separator = conversations > 0 ? '\n\n' : ''
      conversations += 1
      return write(separator + markdownHead(conversation))
    },
    async messages(messages) {
      for (const message of messages) await write(markdownMessage(message))
    },
    endConversation: () => Promise.resolve(),
    end: () => Promise.resolve(),
  }
}
