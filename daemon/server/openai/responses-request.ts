// POST /v1/responses: what its body asks for, and what of it needs a server that stores answers or runs tools.

import { type Asked, toEffort } from './asked.ts'
import { unsupported } from './errors.ts'
import { RESPONSES_EXTRAS } from './extras.ts'
import { toInputTranscript } from './responses-input.ts'
import type { ResponsesBody } from './responses-schema.ts'
import { toResponseFormat, toTools } from './tools.ts'
import { given } from './values.ts'

export function toAskedResponse(body: ResponsesBody): Asked {
  refuse(body)
  return {
    ...toInputTranscript(body),
    model: body.model ?? null,
    stream: body.stream ?? false,
    tools: toTools(body, 'flat'),
    responseFormat: toResponseFormat(body.text?.format ?? null, 'text.format', 'flat'),
    parameters: given({
      temperature: body.temperature,
      topP: body.top_p,
      maxOutputTokens: body.max_output_tokens,
      reasoningEffort: toEffort(body.reasoning?.effort),
    }),
    extras: given({
      verbosity: body.text?.verbosity,
      ...Object.fromEntries(RESPONSES_EXTRAS.map((name) => [name, body[name]])),
    }),
  }
}

function refuse(body: ResponsesBody): void {
  const stored = 'Send the whole conversation as "input"'
  if ((body.previous_response_id ?? null) !== null) {
    throw unsupported('previous_response_id', 'natter stores no responses', stored)
  }
  if ((body.conversation ?? null) !== null) throw unsupported('conversation', 'natter stores none of them', stored)
  if ((body.prompt ?? null) !== null) throw unsupported('prompt', 'natter stores no prompts', stored)
  if (body.background === true) {
    throw unsupported('background', 'a response belongs to its connection', 'Leave out "background"')
  }
  if ((body.top_logprobs ?? 0) > 0) {
    throw unsupported('top_logprobs', 'natter does not pass them on', 'Leave out "top_logprobs"')
  }
}
