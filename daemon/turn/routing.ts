// `-m auto`: a cheap model or a strong one, by rules of the settings, and why.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Settings } from '../settings-schema.ts'

export type Routing = NonNullable<Settings['routing']>
type Rule = NonNullable<Routing['rules']>[number]

/** What the rules look at. */
export interface RoutingFacts {
  readonly prompt: string
  readonly attachments: number
  /** Of the monthly budget, from 0 to 1; null: there is none. */
  readonly budgetLeft: number | null
}

export interface Route {
  readonly model: string
  /** To follow "auto chose …: ". */
  readonly why: string
}

/** The name that asks for it. */
export const AUTO = 'auto'

/** The first rule all of whose conditions hold decides; where none does, the cheap model answers. */
export function route(routing: Routing | undefined, facts: RoutingFacts): Route {
  if (routing?.cheap === undefined || routing.strong === undefined) {
    throw new NatterError('invalid-request', 'Cannot choose a model: "auto" needs two models to choose from', {
      hint: 'Run "natter config set routing.cheap PROVIDER/MODEL" and the same for routing.strong',
    })
  }
  for (const rule of routing.rules ?? DEFAULT_RULES) {
    const reasons = reasonsOf(rule, facts)
    if (reasons !== null)
      return { model: rule.use === 'strong' ? routing.strong : routing.cheap, why: reasons.join(' and ') }
  }
  return { model: routing.cheap, why: 'no rule asks for the strong one' }
}

const DEFAULT_RULES: readonly Rule[] = [
  { use: 'cheap', budgetLeftBelow: 0.1 },
  { use: 'strong', attachments: true },
  { use: 'strong', longerThan: 4_000 },
  { use: 'strong', keywords: ['prove', 'refactor', 'architecture', 'step by step', 'debug'] },
]

/** Null where a condition does not hold; a rule without any always does. */
function reasonsOf(rule: Rule, { prompt, attachments, budgetLeft }: RoutingFacts): readonly string[] | null {
  const reasons: string[] = []
  if (rule.longerThan !== undefined) {
    if (prompt.length <= rule.longerThan) return null
    reasons.push(`the prompt is longer than ${rule.longerThan} characters`)
  }
  if (rule.attachments === true) {
    if (attachments === 0) return null
    reasons.push('there are attachments')
  }
  if (rule.keywords !== undefined) {
    const word = rule.keywords.find((keyword) => hasWord(prompt, keyword))
    if (word === undefined) return null
    reasons.push(`the prompt says "${word}"`)
  }
  if (rule.budgetLeftBelow !== undefined) {
    if (budgetLeft === null || budgetLeft >= rule.budgetLeftBelow) return null
    reasons.push(`${Math.max(0, Math.round(budgetLeft * 100))} % of the monthly budget is left`)
  }
  return reasons.length === 0 ? ['the rules say so'] : reasons
}

/** As a word of its own, whatever its case; not every script parts words, so what is no letter counts as a border. */
function hasWord(text: string, word: string): boolean {
  const folded = text.toLowerCase()
  const wanted = word.toLowerCase()
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, at + 1)) {
    if (!isLetter(folded[at - 1]) && !isLetter(folded[at + wanted.length])) return true
  }
  return false
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /\p{L}/u.test(character)
}
