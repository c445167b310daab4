// What of a conversation is sent to which model.

import { NatterError } from '../../src/protocol/errors.ts'
import type { CatalogueModel } from '../models/models.ts'
import type { Summary } from '../store/store.ts'
import { CONTEXT_MESSAGES, type ContextMessage, toContext } from './context.ts'
import { fitBrought, tooLong } from './fit-brought.ts'
import { messageTokens, toolTokens } from './message-tokens.ts'
import { type CountPicture, measurePictures } from './picture-tokens.ts'
import type { Rooms } from './rooms.ts'
import type { TurnPlan } from './running-turn.ts'
import { type FittedMessages, type Fitting, fitSummarised, type Summarise } from './summarised.ts'
import type { Target } from './target.ts'
import { trim } from './trim.ts'

export interface Fitted extends FittedMessages {
  /** What the model takes in all; null: unknown, so nothing is left out. */
  readonly windowTokens: number | null
  /** What its answer is likely to take. */
  readonly answerTokens: number
}

/** What of a turn decides what is sent. */
export type RequestPlan = Pick<
  TurnPlan,
  | 'brought'
  | 'system'
  | 'parameters'
  | 'log'
  | 'opens'
  | 'conversationId'
  | 'userMessageId'
  | 'parentId'
  | 'prompt'
  | 'title'
>

export interface TurnRequest {
  /** `shorter`: after the model refused what should have fitted. */
  fit(target: FitFor, shorter: boolean): Promise<Fitted>
}

/** Without an endpoint, of what is stored: that begins with a question for all. */
type FitFor = Pick<Target, 'model'> & Partial<Pick<Target, 'endpoint'>>

/** Where a model says nothing of how long its answers may be, in tokens. */
const ANSWER_TOKENS = 4_096
/** A model that may write a book is not promised more of its window than this. */
const ANSWER_SHARE = 0.25
/** Counted by estimates, so not to the last token. */
const CERTAINTY = 0.95
/** What our count was off by where a model refused, at least. */
const SHORTER = 0.6

/** `summarise` null: no summary is made, but one that is there is used. */
export async function createRequest(
  rooms: Rooms,
  plan: RequestPlan,
  summarise: Summarise | null = null,
): Promise<TurnRequest> {
  const context = await contextOf(rooms, plan)
  const countPicture = await measurePictures(context.map(({ message }) => message))
  let sentTokens: number | null = null
  return {
    async fit({ model, endpoint }, shorter) {
      const known = await rooms.catalogue.get(model)
      const fitting = { context, plan, ...counters(rooms, plan, { model, countPicture }) }
      const windowTokens = known?.contextTokens ?? null
      const answerTokens = rooms.limits.outputs.of(model, plan.parameters.maxOutputTokens)
      const allowed = roomOf(plan, known)
      const format = endpoint?.format ?? 'openai-chat'
      const brought =
        plan.brought === null || shorter
          ? null
          : fitBrought({ ...fitting, plan, room: allowed }, { model, format, windowTokens })
      if (brought !== null) {
        sentTokens = brought.tokens
        return { ...brought, windowTokens, answerTokens }
      }
      const whole = fitWhole({ ...fitting, room: allowed })
      const room = shorter ? Math.floor((sentTokens ?? whole.tokens) * SHORTER) : allowed
      const fitted =
        (whole.leftOut === 0 && !shorter) || !isSummarised(rooms, plan)
          ? fitWhole({ ...fitting, room })
          : await fitSummarised({ ...fitting, room, kept: await keptSummary(rooms, plan) }, shorter ? null : summarise)
      sentTokens = fitted.tokens
      // What cannot be left out is too long by itself.
      if (windowTokens !== null && fitted.tokens > windowTokens) {
        throw tooLong(model, `the newest question alone has about ${fitted.tokens} tokens`, windowTokens)
      }
      return { ...fitted, windowTokens, answerTokens }
    },
  }
}

function fitWhole({ context, plan, systemTokens, count, room }: Fitting): FittedMessages {
  const messages = context.map(({ message }) => message)
  const { system } = plan
  return { ...trim(messages, { room, system: systemTokens(system), count }), system, summary: null }
}

interface Counting {
  readonly model: string
  readonly countPicture: CountPicture
}

function counters(
  { tokens }: Rooms,
  { brought }: RequestPlan,
  { model, countPicture }: Counting,
): Pick<Fitting, 'count' | 'systemTokens'> {
  const text = (value: string) => tokens.estimate(model, value)
  const tools = toolTokens(brought?.tools ?? null, text)
  return {
    count: (message) => messageTokens(message, { text, picture: (picture) => countPicture(model, picture) }),
    systemTokens: (system) => tools + (system === null ? 0 : text(system)),
  }
}

/** What a client brought is its own to keep short. */
function isSummarised({ settings }: Rooms, { brought, opens }: RequestPlan): boolean {
  return brought === null && !opens && settings().context?.summary === 'on'
}

/** One that cannot be read is done without. */
function keptSummary({ store, log }: Rooms, { conversationId }: RequestPlan): Promise<Summary | null> {
  return store.conversations.summary(conversationId).catch((error: unknown) => {
    log.warn({ err: error }, 'summary not read')
    return null
  })
}

async function contextOf({ store }: Rooms, plan: RequestPlan): Promise<readonly ContextMessage[]> {
  if (plan.brought !== null) return plan.brought.messages.map((message) => ({ message, upTo: null }))
  // Of a turn that is not kept nothing is stored but what it goes on from.
  const leaf = plan.log ? plan.userMessageId : plan.parentId
  const branch = plan.opens || leaf === null ? [] : await store.messages.branch(leaf, CONTEXT_MESSAGES)
  const context = toContext(branch, plan.log && !plan.opens ? null : plan.prompt)
  if (context.length > 0) return context
  throw new NatterError('not-found', `Cannot answer in "${plan.title}": it was deleted while the question waited`)
}

function roomOf({ parameters }: RequestPlan, known: CatalogueModel | null): number {
  if (known === null || known.contextTokens === null) return Number.POSITIVE_INFINITY
  const { contextTokens, outputTokens } = known
  const answer = Math.min(parameters.maxOutputTokens ?? outputTokens ?? ANSWER_TOKENS, contextTokens * ANSWER_SHARE)
  return Math.floor((contextTokens - answer) * CERTAINTY)
}
