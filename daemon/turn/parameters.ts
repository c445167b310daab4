// What shapes an answer, of the conversation and the request; nothing in it stands in for what natter itself sends.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'

type Parameters = Conversation['parameters']

/** The request wins over the conversation. Throws `invalid-request` where a setting would replace what natter sets. */
export function mergeParameters(request: Parameters | undefined, conversation: Conversation | null): Parameters {
  const parameters = { ...conversation?.parameters, ...request }
  for (const name of Object.keys(parameters.extra ?? {})) {
    const hint = RESERVED.get(folded(name))
    if (hint === undefined) continue
    throw new NatterError('invalid-request', `Cannot send "-o ${name}=…": natter sets it`, { hint })
  }
  return parameters
}

/** Some servers read names whatever their case, and with or without underscores. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

const AS_MODEL = 'Name the model with -m'
const AS_PROMPT = 'Write it into the prompt'
const AS_SYSTEM = 'Set the system prompt with -s'
const AS_LIMIT = 'Set it with -o maxOutputTokens=NUMBER'
const NOT_AT_ALL = 'Leave it out'

/**
 * The fields, of all formats, that budget, history and `natter why` rely on. Tools are none of them: those that a vendor
 * runs by itself, as a search of the web, are asked for in no other way.
 */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['model', AS_MODEL],
  ['models', 'Name other models in the setting "fallback.models"'],
  ['messages', AS_PROMPT],
  ['input', AS_PROMPT],
  ['contents', AS_PROMPT],
  ['prompt', AS_PROMPT],
  ['previousresponseid', 'Continue the conversation with -c or -r'],
  ['conversation', 'Continue the conversation with -c or -r'],
  ['system', AS_SYSTEM],
  ['instructions', AS_SYSTEM],
  ['systeminstruction', AS_SYSTEM],
  ['maxtokens', AS_LIMIT],
  ['maxcompletiontokens', AS_LIMIT],
  ['maxoutputtokens', AS_LIMIT],
  ['n', 'Ask several times'],
  ['stream', NOT_AT_ALL],
  ['streamoptions', NOT_AT_ALL],
  ['store', NOT_AT_ALL],
  ['background', NOT_AT_ALL],
])
