// What a family of models takes, gives and allows, for models whose source does not say.

import type { CatalogueModel } from './models.ts'

type Facts = Pick<CatalogueModel, 'contextTokens' | 'outputTokens' | 'input' | 'output' | 'reasoning'>
type Input = Facts['input'][number]

interface Family {
  readonly pattern: RegExp
  readonly facts: Partial<Facts>
}

const PICTURES: readonly Input[] = ['text', 'image']
const DOCUMENTS: readonly Input[] = ['text', 'image', 'pdf']
const EVERYTHING: readonly Input[] = ['text', 'image', 'pdf', 'audio', 'video']
const IMAGE_OUTPUT = { input: [...PICTURES], output: ['image'], reasoning: false } satisfies Partial<Facts>

/** The first that fits; names without vendor and with dashes for dots. */
const FAMILIES: readonly Family[] = [
  family(/^(?:chat)?gpt-(?:5-)?image/, IMAGE_OUTPUT),
  family(/^gpt-oss/, { input: ['text'], contextTokens: 131_072, reasoning: true }),
  family(/^gpt-5-?\d*-chat|^gpt-chat/, { input: [...PICTURES], outputTokens: 16_384, reasoning: false }),
  family(/^gpt-(?:[5-9])/, { input: [...DOCUMENTS], outputTokens: 128_000, reasoning: true }),
  family(/^gpt-4-1/, { input: [...DOCUMENTS], outputTokens: 32_768, reasoning: false }),
  family(/^(?:chat)?gpt-4o/, { input: [...DOCUMENTS], outputTokens: 16_384, reasoning: false }),
  family(/^gpt-/, { input: ['text'], reasoning: false }),
  family(/^o\d/, { input: [...DOCUMENTS], outputTokens: 100_000, reasoning: true }),
  family(/^claude-(?:[12]|v1|instant)/, { input: ['text'], outputTokens: 4096, reasoning: false }),
  family(/^claude-3-7/, { input: [...DOCUMENTS], outputTokens: 64_000, reasoning: true }),
  family(/^claude-3-5/, { input: [...DOCUMENTS], outputTokens: 8192, reasoning: false }),
  family(/^claude-3/, { input: [...PICTURES], outputTokens: 4096, reasoning: false }),
  family(/^claude-opus-4-[01]\b|^claude-opus-4$/, { input: [...DOCUMENTS], outputTokens: 32_000, reasoning: true }),
  family(/^claude-opus-4-[6-9]|^claude-[a-z]+-[5-9]/, {
    input: [...DOCUMENTS],
    outputTokens: 128_000,
    contextTokens: 1_000_000,
    reasoning: true,
  }),
  family(/^claude-/, { input: [...DOCUMENTS], outputTokens: 64_000, contextTokens: 200_000, reasoning: true }),
  family(/^gemini-.*(?:image|banana)/, { input: [...PICTURES], output: ['text', 'image'] }),
  family(/^gemini-(?:1|2-0)/, { input: [...EVERYTHING], outputTokens: 8192, reasoning: false }),
  family(/^gemini-/, { input: [...EVERYTHING], outputTokens: 65_536, contextTokens: 1_048_576, reasoning: true }),
  family(/^gemma-/, { input: [...PICTURES], reasoning: null }),
  family(/^grok-4/, { input: [...PICTURES], reasoning: true }),
  family(/^deepseek-(?:v4|reasoner|r1)/, { input: ['text'], reasoning: true }),
  family(/^magistral/, { input: [...PICTURES], reasoning: true }),
]

const UNKNOWN: Facts = { contextTokens: null, outputTokens: null, input: ['text'], output: ['text'], reasoning: null }

function family(pattern: RegExp, facts: Partial<Facts>): Family {
  return { pattern, facts }
}

/** What is known of a model by its family alone. */
export function factsOfFamily(id: string): Facts {
  const name = familyName(id)
  return { ...UNKNOWN, ...FAMILIES.find(({ pattern }) => pattern.test(name))?.facts }
}

/** The name without a vendor before it and with dashes for dots: routers write `anthropic/claude-sonnet-5.5`. */
export function familyName(id: string): string {
  return id
    .slice(id.lastIndexOf('/') + 1)
    .toLowerCase()
    .replaceAll('.', '-')
}

/** Shut down by their vendors; they are offered no more, but old calls keep their price. */
export function isRetired(id: string): boolean {
  return /^(?:gpt-3|gpt-4(?:-|$)(?!1)|gpt-4-(?:turbo|32k|vision)|chatgpt-4o|o1|o4-mini|codex-mini|dall-e|gpt-image-1$|gpt-4o-2024-05-13|gpt-4o:|gpt-4-5|claude-[1-3v]|claude-(?:opus|sonnet)-4-0|gemini-(?:1|2-0|pro(?:$|-1)|flash-1)|gemini-3-1-flash-image|grok-[23](?:-|$)|text-)/.test(
    familyName(id),
  )
}
