// What of a conversation is sent to which model.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderMessage } from '../providers/provider.ts'
import { CONTEXT_MESSAGES, toProviderMessages } from './context.ts'
import { messageTokens, toolTokens } from './message-tokens.ts'
import type { Rooms } from './rooms.ts'
import type { TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'
import { type Trimmed, trim } from './trim.ts'

export interface Fitted extends Trimmed {
  /** What the model takes in all; null: unknown, so nothing is left out. */
  readonly windowTokens: number | null
  /** What its answer is likely to take. */
  readonly answerTokens: number
}

/** What of a turn decides what is sent. */
export type RequestPlan = Pick<
  TurnPlan,
  'brought' | 'system' | 'parameters' | 'log' | 'opens' | 'userMessageId' | 'parentId' | 'prompt' | 'title'
>

export interface TurnRequest {
  /** `shorter`: after the model refused what should have fitted. */
  fit(target: Pick<Target, 'model'>, shorter: boolean): Promise<Fitted>
}

/** Where a model says nothing of how long its answers may be, in tokens. */
const ANSWER_TOKENS = 4_096
/** A model that may write a book is not promised more of its window than this. */
const ANSWER_SHARE = 0.25
/** Counted by estimates, so not to the last token. */
const CERTAINTY = 0.95
/** What our count was off by where a model refused, at least. */
const SHORTER = 0.6

export async function createRequest(rooms: Rooms, plan: RequestPlan): Promise<TurnRequest> {
  const messages = plan.brought?.messages ?? (await allMessages(rooms, plan))
  return {
    async fit(target, shorter) {
      const countText = (text: string) => rooms.tokens.estimate(target.model, text)
      const count = (message: ProviderMessage) => messageTokens(message, countText)
      const system =
        (plan.system === null ? 0 : countText(plan.system)) + toolTokens(plan.brought?.tools ?? null, countText)
      const known = await rooms.catalogue.get(target.model)
      const windowTokens = known?.contextTokens ?? null
      const answerTokens = rooms.limits.outputs.of(target.model, plan.parameters.maxOutputTokens)
      const whole = trim(messages, { room: roomOf(plan, windowTokens, known?.outputTokens ?? null), system, count })
      if (!shorter) return { ...whole, windowTokens, answerTokens }
      const room = Math.floor(whole.tokens * SHORTER)
      return { ...trim(messages, { room, system, count }), windowTokens, answerTokens }
    },
  }
}

async function allMessages({ store }: Rooms, plan: RequestPlan): Promise<readonly ProviderMessage[]> {
  // Of a turn that is not kept nothing is stored but what it goes on from.
  const leaf = plan.log ? plan.userMessageId : plan.parentId
  const branch = plan.opens || leaf === null ? [] : await store.messages.branch(leaf, CONTEXT_MESSAGES)
  const messages = toProviderMessages(branch, plan.log && !plan.opens ? null : plan.prompt)
  if (messages.length > 0) return messages
  throw new NatterError('not-found', `Cannot answer in "${plan.title}": it was deleted while the question waited`)
}

function roomOf({ parameters }: RequestPlan, window: number | null, output: number | null): number {
  if (window === null) return Number.POSITIVE_INFINITY
  const answer = Math.min(parameters.maxOutputTokens ?? output ?? ANSWER_TOKENS, window * ANSWER_SHARE)
  return Math.floor((window - answer) * CERTAINTY)
}
