// How many tokens a picture costs, by the formula of each family of models.

import { familyName } from './model-families.ts'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** How closely it is looked at, in OpenAI's words; null: as the vendor does by itself. */
type Detail = 'low' | 'high' | 'auto' | 'original'

/** What is assumed of a picture whose size nobody knows, as of one behind an address. */
const UNKNOWN_SIZE: PictureSize = { width: 2048, height: 2048 }
/** Of models that publish no formula; local ones take from 256 to about this. */
const UNKNOWN_TOKENS = 1200

/** Tokens of one picture, rounded up; `model` as `provider/model`, `size` in pixels. */
export function imageTokens(model: string, size: PictureSize | null, detail: Detail | null): number {
  const name = familyName(model)
  const { width, height } = size ?? UNKNOWN_SIZE
  const known = { width: Math.max(1, width), height: Math.max(1, height) }
  if (name.startsWith('claude-')) return claudeTokens(name, known)
  if (/^gem(?:ini|ma)-/.test(name)) return geminiTokens(name, known, detail)
  if (/^(?:chat)?gpt-[4-9]|^o\d/.test(name)) return openAITokens(name, known, detail)
  return UNKNOWN_TOKENS
}

const CLAUDE_PATCH = 28

/** https://platform.claude.com/docs/en/build-with-claude/vision; larger pictures are made smaller by the server. */
function claudeTokens(name: string, size: PictureSize): number {
  const large = /^claude-(?:opus-4-[7-9]|[a-z]+-[5-9])/.test(name)
  const edge = large ? 2576 : 1568
  const budget = large ? 4784 : 1568
  const patches = patchesOf(CLAUDE_PATCH)
  const fits = (scaled: PictureSize) =>
    Math.ceil(scaled.width / CLAUDE_PATCH) * CLAUDE_PATCH <= edge &&
    Math.ceil(scaled.height / CLAUDE_PATCH) * CLAUDE_PATCH <= edge &&
    patches(scaled) <= budget
  return patches(largest(size, fits))
}

/**
 * https://ai.google.dev/gemini-api/docs/media-resolution: since Gemini 3 by resolution and whatever the size. Before that
 * 258 for each tile, whose side is two thirds of the shorter side, from 256 to 768 (ai.google.dev/gemini-api/docs/tokens).
 */
function geminiTokens(name: string, { width, height }: PictureSize, detail: Detail | null): number {
  if (!/^gemini-[12](?:-|$)|^gemma/.test(name)) return detail === 'low' ? 280 : 1120
  if (detail === 'low' || name.startsWith('gemma') || Math.max(width, height) <= 384) return 258
  const tile = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)))
  return Math.ceil(width / tile) * Math.ceil(height / tile) * 258
}

interface Patched {
  readonly pattern: RegExp
  /** What a patch is multiplied by. */
  readonly factor: number
  /** Most patches, and longest side, where nothing is said of the detail. */
  readonly patches: number
  readonly edge: number
}

const ANY_EDGE = Number.POSITIVE_INFINITY

/** https://developers.openai.com/api/docs/guides/images-vision#calculating-costs; the first that fits. */
const PATCHED: readonly Patched[] = [
  { pattern: /^(?:gpt-5.*|gpt-4-1-)nano/, factor: 2.46, patches: 1536, edge: ANY_EDGE },
  { pattern: /^(?:gpt-5|gpt-4-1).*-mini/, factor: 1.62, patches: 1536, edge: ANY_EDGE },
  { pattern: /^o4-mini/, factor: 1.72, patches: 1536, edge: ANY_EDGE },
  { pattern: /^gpt-5-4/, factor: 1, patches: 2500, edge: 2048 },
  { pattern: /^gpt-5-5/, factor: 1, patches: 10_000, edge: 6000 },
  // More than that is refused; nothing is made smaller.
  { pattern: /^gpt-(?:5-[6-9]|[6-9])/, factor: 1, patches: 30_000, edge: ANY_EDGE },
]
const OPENAI_PATCH = 32

function openAITokens(name: string, size: PictureSize, detail: Detail | null): number {
  const family = PATCHED.find(({ pattern }) => pattern.test(name))
  if (family === undefined) return tileTokens(name, size, detail)
  const { patches, edge } = boundsOf(family, detail)
  const count = patchesOf(OPENAI_PATCH)
  const fits = (scaled: PictureSize) => Math.max(scaled.width, scaled.height) <= edge && count(scaled) <= patches
  return Math.ceil(count(largest(size, fits)) * family.factor)
}

function boundsOf(family: Patched, detail: Detail | null): Pick<Patched, 'patches' | 'edge'> {
  if (detail === 'low') return { patches: 256, edge: 512 }
  if (detail === 'high' && family.factor === 1) return { patches: 2500, edge: 2048 }
  // The one family that looks at the original only when it is told to.
  if (detail === 'original' && family.edge === 2048) return { patches: 10_000, edge: 6000 }
  return family
}

/** Base, and each tile of 512 pixels. */
const TILES: readonly (readonly [RegExp, number, number])[] = [
  [/^gpt-4o-mini/, 2833, 5667],
  [/^gpt-5/, 70, 140],
  [/^o\d/, 75, 150],
]

function tileTokens(name: string, size: PictureSize, detail: Detail | null): number {
  const [, base, tile] = TILES.find(([pattern]) => pattern.test(name)) ?? [null, 85, 170]
  if (detail === 'low') return base
  const square = scale(size, Math.min(1, 2048 / Math.max(size.width, size.height)))
  const short = scale(square, Math.min(1, 768 / Math.min(square.width, square.height)))
  return base + tile * patchesOf(512)(short)
}

function patchesOf(side: number): (size: PictureSize) => number {
  return ({ width, height }) => Math.ceil(width / side) * Math.ceil(height / side)
}

function scale({ width, height }: PictureSize, factor: number): PictureSize {
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) }
}

const STEPS = 24

/** The largest of the same shape that fits, never larger than it is. */
function largest(size: PictureSize, fits: (scaled: PictureSize) => boolean): PictureSize {
  if (fits(size)) return size
  let low = 0
  let high = 1
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2
    if (fits(scale(size, middle))) low = middle
    else high = middle
  }
  return scale(size, low)
}
