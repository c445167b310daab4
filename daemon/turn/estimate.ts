// What a turn would send and cost, before anybody is called: what the turn itself would find, without a key.

import { toErrorInfo } from '../../src/protocol/errors.ts'
import { createId, type DeviceId, type MessageId } from '../../src/protocol/ids.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'
import { textOfMessage } from '../providers/provider.ts'
import { likelyCost, refusalOf } from './charge.ts'
import { chooseNamed } from './choose-target.ts'
import { costOf, countedUsage } from './cost.ts'
import { mergeParameters } from './parameters.ts'
import { systemOf } from './plan.ts'
import { createRequest, type RequestPlan } from './request.ts'
import type { Rooms } from './rooms.ts'

type Request = RequestOf<'turns.estimate'>

/** Vendors add a few tokens for each message's role and borders. */
const TOKENS_PER_MESSAGE = 4

export async function estimateTurn(
  rooms: Rooms,
  request: Request,
  deviceId: DeviceId | null = null,
): Promise<ResponseOf<'turns.estimate'>> {
  const { catalogue } = rooms
  const conversation =
    request.conversationId === undefined ? null : await rooms.store.conversations.get(request.conversationId)
  const { model, notice } = await chooseNamed(rooms, request, conversation)
  const plan = toPlan(rooms, request, conversation)
  const fitted = await (await createRequest(rooms, plan)).fit({ model }, false)
  const texts = [...(plan.system === null ? [] : [plan.system]), ...fitted.messages.map(textOfMessage)]
  const counted = await rooms.tokens.count(model, texts.join('\n'))
  const inputTokens = counted.tokens + TOKENS_PER_MESSAGE * texts.length
  const known = await catalogue.get(model)
  const maxOutputTokens = plan.parameters.maxOutputTokens ?? known?.outputTokens ?? null
  const costMicros = await likelyCost(rooms, model, fitted)
  const { maxCostMicros = null, overBudget = false } = request
  const refusal = refusalOf(rooms, { deviceId, overBudget, maxCostMicros }, { model, costMicros })
  return {
    ...{ model, notice, inputTokens, maxOutputTokens },
    estimated: counted.estimated,
    sentMessages: fitted.messages.length,
    leftOutMessages: fitted.leftOut,
    inputCostMicros: await costOf(rooms, model, countedUsage(inputTokens, 0)),
    likelyOutputTokens: fitted.answerTokens,
    likelyCostMicros: costMicros,
    maxOutputCostMicros: maxOutputTokens === null ? null : await costOf(rooms, model, countedUsage(0, maxOutputTokens)),
    contextTokens: known?.contextTokens ?? null,
    priceDate: await catalogue.pricesDate(),
    refusal: refusal === null ? null : toErrorInfo(refusal),
  }
}

/** As of a turn that is kept nowhere: its question is not in the store either. */
function toPlan(rooms: Rooms, request: Request, conversation: Conversation | null): RequestPlan {
  const parentId = request.parentId === undefined ? (conversation?.leafId ?? null) : request.parentId
  return {
    title: conversation?.title ?? '',
    prompt: request.prompt,
    system: systemOf(request, conversation, rooms.settings()),
    parameters: mergeParameters(request.parameters, conversation),
    log: false,
    opens: conversation === null,
    conversationId: conversation?.conversationId ?? createId('cnv'),
    parentId: parentId as MessageId | null,
    userMessageId: createId('msg'),
    brought: null,
  }
}
