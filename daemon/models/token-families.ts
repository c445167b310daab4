// Which tokenizer a model has, and by how much the others differ from the one we can estimate.

import { familyName } from './model-families.ts'

export type Encoding = 'o200k_base' | 'cl100k_base'

export interface Tokenizer {
  /** Null where the vendor has not published it. */
  readonly encoding: Encoding | null
  /** True where that is the model's own; false where it is only the nearest one known. */
  readonly exact: boolean
  /** Tokens of this model for one token of o200k_base, on the safe side. */
  readonly factor: number
}

/** By provider and model: `provider/model`. */
export function tokenizerOf(model: string): Tokenizer {
  const name = familyName(model)
  if (/^(?:gpt-4(?!o|-1|-5)|gpt-3|text-embedding)/.test(name)) return own('cl100k_base')
  if (/^(?:gpt-4|gpt-5|gpt-oss|chatgpt|o[134](?:-|$))/.test(name)) return own('o200k_base')
  // Nothing says that newer families kept it.
  if (name.startsWith('gpt-')) return { encoding: 'o200k_base', exact: false, factor: 1 }
  return { encoding: null, exact: false, factor: factorOf(name) }
}

function own(encoding: Encoding): Tokenizer {
  return { encoding, exact: true, factor: 1 }
}

function factorOf(name: string): number {
  // Since Opus 4.7 the same text has about 30 % more tokens (platform.claude.com/docs, Haiku 5.5).
  if (/^claude-(?:opus-4-[78]|[a-z]+-[5-9])/.test(name)) return 1.5
  if (name.startsWith('claude-')) return 1.15
  if (/^gem(?:ini|ma)-/.test(name)) return 1.05
  return 1.1
}
