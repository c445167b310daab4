// Inline Markdown (emphasis, code, links, images, formulas) to styled spans.

import type { Token, Tokens } from 'marked'
import { decodeEntities } from './entities.ts'
import { namesDestination, toLinkTarget } from './links.ts'
import { readableMath } from './math.ts'
import { sanitize } from './sanitize.ts'
import type { Span } from './spans.ts'
import type { RenderStyle } from './style.ts'
import type { Role } from './theme.ts'

interface Context {
  readonly style: RenderStyle
  readonly roles: readonly Role[]
  readonly href?: string | undefined
}

/** Spans of the inline tokens, on top of the given roles. Line breaks are `\n` inside the text. */
export function renderInline(
  tokens: readonly Token[],
  style: RenderStyle,
  roles: readonly Role[] = [],
): readonly Span[] {
  return inlineSpans(tokens, { style, roles })
}

function inlineSpans(tokens: readonly Token[], context: Context): readonly Span[] {
  return tokens.flatMap((token) => inlineSpan(token, context))
}

function inlineSpan(token: Token, context: Context): readonly Span[] {
  switch (token.type) {
    case 'strong':
      return inlineSpans(token.tokens ?? [], withRole(context, 'strong'))
    case 'em':
      return inlineSpans(token.tokens ?? [], withRole(context, 'emphasis'))
    case 'del':
      return inlineSpans(token.tokens ?? [], withRole(context, 'strike'))
    case 'codespan':
      return [codeSpan(String(token['text']), context)]
    case 'math':
      return [span(readableMath(token['text']), withRole(context, 'math'))]
    case 'br':
      return [span('\n', context)]
    case 'link':
      return linkSpans(token as Tokens.Link, context)
    case 'image':
      return imageSpans(token as Tokens.Image, context)
    case 'escape':
      return [span(String(token['text']), context)]
    case 'checkbox':
      return []
    default:
      return 'tokens' in token && token.tokens
        ? inlineSpans(token.tokens, context)
        : textSpans(plainText(token), context)
  }
}

function plainText(token: Token): string {
  const text = 'text' in token && typeof token.text === 'string' ? token.text : token.raw
  return decodeEntities(text)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/<br\s*\/?>/gi, '\n')
}

/** Footnote marks `[^1]` become a dim `[1]`; the note itself starts with the same mark. */
function textSpans(text: string, context: Context): readonly Span[] {
  if (!text.includes('[^')) return [span(text, context)]
  return text
    .split(/(\[\^[^\]\s]{1,40}\])/)
    .filter((part) => part !== '')
    .map((part) => {
      const isMark = part.startsWith('[^') && part.endsWith(']')
      return isMark ? span(`[${part.slice(2)}`, withRole(context, 'dim')) : span(part, context)
    })
}

/** Without colour nothing else tells code from text, so the backticks stay. */
function codeSpan(code: string, context: Context): Span {
  const text = code.replace(/\n/g, ' ')
  return span(context.style.theme.color ? text : `\`${text}\``, withRole(context, 'code'))
}

function linkSpans(token: Tokens.Link, context: Context): readonly Span[] {
  const target = toLinkTarget(decodeEntities(token.href))
  const inside = { ...withRole(context, 'link'), href: target.href ?? undefined }
  const label = inlineSpans(token.tokens, inside)
  const text = sanitize(label.map((part) => part.text).join(''))
  const opens = context.style.hyperlinks && target.href !== null
  if (opens ? namesDestination(text, token.href) : isAddressItself(text, token.href)) return label
  const shown = opens || target.href === null ? target.destination : target.href
  return [...label, span(` (${shown})`, withRole(context, 'dim'))]
}

function isAddressItself(label: string, href: string): boolean {
  const text = label.trim()
  return [text, `http://${text}`, `https://${text}`, `mailto:${text}`].includes(href)
}

function imageSpans(token: Tokens.Image, context: Context): readonly Span[] {
  const target = toLinkTarget(decodeEntities(token.href))
  const alt = token.text.trim() === '' ? '[image]' : `[image: ${decodeEntities(token.text.trim())}]`
  const opens = context.style.hyperlinks && target.href !== null
  const shown = opens || target.href === null ? target.destination : target.href
  return [
    { ...span(alt, context), href: context.href ?? target.href ?? undefined },
    span(` (${shown})`, withRole(context, 'dim')),
  ]
}

function span(text: string, context: Context): Span {
  return { text: sanitize(text), roles: context.roles, href: context.href }
}

function withRole(context: Context, role: Role): Context {
  return { ...context, roles: [...context.roles, role] }
}
