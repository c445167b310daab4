// What a message of a client is made of: a text, or a list of parts that each API words in its own way.

import type { ContentPart } from '../../providers/provider.ts'
import { misfit } from './errors.ts'

export type ToPart = (value: unknown, place: string) => ContentPart

export function toContent(content: unknown, place: string, toPart: ToPart): readonly ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (Array.isArray(content)) return content.map((part, index) => toPart(part, `${place}[${index}]`))
  throw misfit(place, 'it must be a text or a list of parts')
}

/** Of a message in which nothing but text may stand, in one piece or in several. */
export function toPlainText(content: unknown, place: string, toPart: ToPart): string {
  return toContent(content, place, toPart)
    .map((part, index) => {
      if (part.type === 'text') return part.text
      throw misfit(`${place}[${index}]`, 'only text may stand in a message of this role')
    })
    .join('')
}
