// A conversation as a client brings it, put together message by message.

import { BOUNDS } from '../../../src/protocol/bounds.ts'
import type { ContentPart, ProviderMessage } from '../../providers/provider.ts'
import { BadRequest } from './errors.ts'
import { checkLength } from './too-long.ts'

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
  /** Throws where nothing was said, or more at once than may be. */
  end(place: string): Transcript
}

type Kind = 'question' | 'results' | 'answer'

/** For a question without any text. */
const NO_TEXT = '[picture]'

export function createTranscript(): TranscriptBuilder {
  const systems: string[] = []
  const messages: { readonly role: ProviderMessage['role']; readonly content: ContentPart[] }[] = []
  const names = new Map<string, string>()
  const open = new Set<string>()
  /** The ids of each function's calls, in their order; some may be answered by now. */
  const called = new Map<string, string[]>()
  /** What the newest message is made of. */
  let kind: Kind | null = null
  return {
    system: (text) => void systems.push(text),
    say(role, content) {
      if (content.length > 0) begin(role, role === 'user' ? 'question' : 'answer', content)
    },
    call(call) {
      const { callId, name } = call
      names.set(callId, name)
      open.add(callId)
      const calls = called.get(name)
      if (calls === undefined) called.set(name, [callId])
      else calls.push(callId)
      contentOf('assistant', 'answer').push({ type: 'tool-call', ...call })
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
      open.delete(callId)
      // Some vendors take the results of one message's calls in one message only.
      contentOf('user', 'results').push({ type: 'tool-result', callId, name, text })
    },
    openCall(name) {
      const calls = called.get(name) ?? []
      for (let callId = calls.at(-1); callId !== undefined; callId = calls.at(-1)) {
        if (open.has(callId) && names.get(callId) === name) return callId
        calls.pop()
      }
      return null
    },
    end(place) {
      if (messages.length === 0) {
        throw new BadRequest('Cannot answer: there is no message but of the system', {
          param: place,
          code: 'invalid_value',
          hint: 'Send a message of the user',
        })
      }
      const system = systems.length === 0 ? null : systems.join('\n\n')
      const prompt = lastQuestion(messages)
      checkLength(prompt, BOUNDS.promptBytes, { param: place, what: 'the last question' })
      checkLength(system ?? '', BOUNDS.systemChars, { param: place, what: 'what the system says' })
      return { system, messages, prompt }
    },
  }

  /** Of the newest message, where it is of that kind; else of a new one. */
  function contentOf(role: ProviderMessage['role'], wanted: Kind): ContentPart[] {
    const last = messages.at(-1)
    return last !== undefined && kind === wanted ? last.content : begin(role, wanted, [])
  }

  function begin(role: ProviderMessage['role'], next: Kind, parts: readonly ContentPart[]): ContentPart[] {
    const content = [...parts]
    messages.push({ role, content })
    kind = next
    return content
  }
}

function lastQuestion(messages: readonly ProviderMessage[]): string {
  const isAsked = (part: ContentPart) => part.type !== 'tool-result'
  const last = messages.findLast(({ role, content }) => role === 'user' && content.some(isAsked)) ?? messages.at(-1)
  const text = last?.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return text === undefined || text.trim() === '' ? NO_TEXT : text
}
