// What a turn would cost, before anybody is called.

import type { RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import { textOfMessage } from '../providers/provider.ts'
import { CONTEXT_MESSAGES, toProviderMessages } from './context.ts'
import type { Rooms } from './rooms.ts'
import { chooseModel } from './target.ts'

/** Vendors add a few tokens for each message's role and borders. */
const TOKENS_PER_MESSAGE = 4

const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  estimated: true,
}

export async function estimateTurn(
  rooms: Rooms,
  request: RequestOf<'turns.estimate'>,
): Promise<ResponseOf<'turns.estimate'>> {
  const conversation =
    request.conversationId === undefined ? null : await rooms.store.conversations.get(request.conversationId)
  const { model } = await chooseModel(rooms, {
    named: request.model ?? null,
    conversation: conversation?.model ?? null,
    environment: request.environment ?? {},
  })
  const leafId = request.parentId === undefined ? (conversation?.leafId ?? null) : request.parentId
  const branch = leafId === null ? [] : await rooms.store.messages.branch(leafId, CONTEXT_MESSAGES)
  const texts = toProviderMessages(branch, request.prompt).map(textOfMessage)
  const system = request.system ?? conversation?.system ?? rooms.settings().system ?? null
  if (system !== null) texts.unshift(system)
  const counted = await rooms.tokens.count(model, texts.join('\n'))
  const inputTokens = counted.tokens + TOKENS_PER_MESSAGE * texts.length
  const known = await rooms.catalogue.get(model)
  const maxOutputTokens =
    request.parameters?.maxOutputTokens ?? conversation?.parameters.maxOutputTokens ?? known?.outputTokens ?? null
  return {
    model,
    inputTokens,
    estimated: counted.estimated,
    inputCostMicros: await rooms.catalogue.cost(model, { ...NO_USAGE, inputTokens }),
    maxOutputCostMicros:
      maxOutputTokens === null
        ? null
        : await rooms.catalogue.cost(model, { ...NO_USAGE, outputTokens: maxOutputTokens }),
    maxOutputTokens,
    contextTokens: known?.contextTokens ?? null,
    priceDate: await rooms.catalogue.pricesDate(),
  }
}
