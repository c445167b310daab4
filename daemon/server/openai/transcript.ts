// A conversation as a client brings it, put together message by message.

import type { ContentPart, ProviderMessage } from '../../providers/provider.ts'
import { BadRequest } from './errors.ts'

export interface Transcript {
  /** All system messages, wherever they stood; null: there is none. */
  readonly system: string | null
  readonly messages: readonly ProviderMessage[]
  /** What the user said last: its title where the turn is kept. */
  readonly prompt: string
}

export interface TranscriptBuilder {
  system(text: string): void
  say(role: ProviderMessage['role'], content: readonly ContentPart[]): void
  /** Of the assistant; it belongs to what it said just before. */
  call(call: { readonly callId: string; readonly name: string; readonly text: string }): void
  /** Throws where no call before it has this id. */
  result(result: { readonly callId: string; readonly text: string }, place: string): void
  /** The newest call of a function that has no answer yet; null where there is none. */
  openCall(name: string): string | null
  /** Throws where nothing was said. */
  end(place: string): Transcript
}

/** For a question without any text. */
const NO_TEXT = '[picture]'

export function createTranscript(): TranscriptBuilder {
  const systems: string[] = []
  const messages: { readonly role: ProviderMessage['role']; readonly content: ContentPart[] }[] = []
  const names = new Map<string, string>()
  const answered = new Set<string>()
  return {
    system: (text) => void systems.push(text),
    say(role, content) {
      if (content.length > 0) messages.push({ role, content: [...content] })
    },
    call(call) {
      names.set(call.callId, call.name)
      answered.delete(call.callId)
      contentOf('assistant', () => true).push({ type: 'tool-call', ...call })
    },
    result({ callId, text }, place) {
      const name = names.get(callId)
      if (name === undefined) {
        throw new BadRequest(
          `Cannot read request: "${place}" answers a call "${callId}" that no message before it has`,
          {
            param: place,
            code: 'invalid_value',
            hint: 'Send the message of the assistant with that call before its result',
          },
        )
      }
      answered.add(callId)
      // Some vendors take the results of one message's calls in one message only.
      contentOf('user', (part) => part.type === 'tool-result').push({ type: 'tool-result', callId, name, text })
    },
    openCall: (name) =>
      [...names].findLast(([callId, called]) => called === name && !answered.has(callId))?.[0] ?? null,
    end(place) {
      if (messages.length === 0) {
        throw new BadRequest('Cannot answer: there is no message but of the system', {
          param: place,
          code: 'invalid_value',
          hint: 'Send a message of the user',
        })
      }
      return { system: systems.length === 0 ? null : systems.join('\n\n'), messages, prompt: lastQuestion(messages) }
    },
  }

  /** Of the newest message, where it is of that role and made of such parts; else of a new one. */
  function contentOf(role: ProviderMessage['role'], fits: (part: ContentPart) => boolean): ContentPart[] {
    const last = messages.at(-1)
    if (last !== undefined && last.role === role && last.content.every(fits)) return last.content
    const content: ContentPart[] = []
    messages.push({ role, content })
    return content
  }
}

function lastQuestion(messages: readonly ProviderMessage[]): string {
  const isAsked = (part: ContentPart) => part.type !== 'tool-result'
  const last = messages.findLast(({ role, content }) => role === 'user' && content.some(isAsked)) ?? messages.at(-1)
  const text = last?.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return text === undefined || text.trim() === '' ? NO_TEXT : text
}
