// How Claude is told to think, and when its earlier thoughts go back to it.

import type { JsonObject } from '../json.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ProviderMessage, ProviderRequest } from '../provider.ts'
import { callsOf, joinToolTurns, resultsOf } from '../tool-turns.ts'
import { isSameTurn, type KeptTurn } from './content.ts'

type Effort = NonNullable<ProviderRequest['parameters']['reasoningEffort']>

/** Claude before 4.6 thinks by a budget of tokens, later models by an effort. */
const BUDGET_MODELS = /claude-3|claude-(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8})?$/
const BUDGET_MIN = 1024
const BUDGETS: { readonly [Level in Exclude<Effort, 'none'>]: number } = {
  minimal: BUDGET_MIN,
  low: 2048,
  medium: 4096,
  high: 8192,
  max: 12_288,
}

export interface ThinkingTerms {
  /** Whether the thoughts of earlier answers go back with this request. */
  readonly replayed: boolean
  /** Whether how hard to think is said. */
  readonly effort: boolean
}

export function toThinking(request: ProviderRequest, maxTokens: number, terms: ThinkingTerms): JsonObject {
  const { model, parameters, tools } = request
  const effort = parameters.reasoningEffort
  if (effort === undefined) return {}
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  if (!BUDGET_MODELS.test(model)) {
    return {
      thinking: { type: 'adaptive', display: 'summarized' },
      ...(terms.effort ? { output_config: { effort: effort === 'minimal' ? 'low' : effort } } : {}),
    }
  }
  // With a budget, neither a tool that must be called nor calls without the thoughts before them are taken.
  const forced = tools !== undefined && (tools.choice === 'required' || typeof (tools.choice ?? '') !== 'string')
  if (forced || (!terms.replayed && answersCalls(request.messages))) return {}
  // The budget is part of max_tokens and has to leave room for the answer.
  const budget = Math.min(BUDGETS[effort], Math.floor(maxTokens / 2))
  return budget < BUDGET_MIN ? {} : { thinking: { type: 'enabled', budget_tokens: budget } }
}

function answersCalls(messages: readonly ProviderMessage[]): boolean {
  const last = messages.at(-1)
  return last !== undefined && resultsOf(last).length > 0
}

/**
 * Each thought is bound to all that stood before it, other thoughts included
 * (platform.claude.com/docs/build-with-claude/preserved-thinking/prefix-checks): they go back together or not at all.
 * Null: not at all.
 */
export function recallTurns(request: ProviderRequest, kept: Keepsakes<KeptTurn>): ReadonlyMap<string, KeptTurn> | null {
  if (request.parameters.reasoningEffort === 'none') return null
  const turns = new Map<string, KeptTurn>()
  for (const message of joinToolTurns(request.messages)) {
    const [first] = callsOf(message)
    if (first === undefined) continue
    const turn = kept.recall(first)
    if (turn === undefined || !isSameTurn(turn, message)) return null
    turns.set(first.callId, turn)
  }
  return turns
}

export function forgetTurns({ messages }: ProviderRequest, kept: Keepsakes<KeptTurn>): void {
  for (const message of messages) for (const call of callsOf(message)) kept.forget(call)
}
