// Pictures within a request: as data URLs, or as addresses that the vendor opens; natter opens none.

import type { ContentPart, ImageDetail } from '../../providers/provider.ts'
import { BadRequest } from './errors.ts'

const MB = 1024 * 1024
/** One picture, in bytes. */
const MAX_BYTES = 20 * MB
const MAX_URL_CHARS = 8_192
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
  ['image/gif', 'image/gif'],
])
const DETAILS: readonly unknown[] = ['low', 'high', 'auto', 'original'] satisfies ImageDetail[]
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Throws where it is none that vendors take; `place` is where it stands. */
export function toPicture(url: unknown, detail: unknown, place: string): ContentPart {
  if (typeof url !== 'string') throw bad(place, 'it has no address', 'Send a data URL or an https URL')
  if (detail !== undefined && detail !== null && !DETAILS.includes(detail)) {
    throw bad(place, `its detail must be one of ${DETAILS.join(', ')}`, 'Leave "detail" out')
  }
  const look = { detail: (detail ?? null) as ImageDetail | null }
  if (url.startsWith('data:')) return { type: 'image', ...fromDataUrl(url, place), ...look }
  if (!url.startsWith('https://') || url.length > MAX_URL_CHARS || !URL.canParse(url)) {
    throw bad(place, 'its address must be a data URL or an https URL', 'Send the picture itself, as a data URL')
  }
  return { type: 'image-url', url, ...look }
}

/** https://www.rfc-editor.org/rfc/rfc2397 */
function fromDataUrl(url: string, place: string): { readonly mediaType: string; readonly base64: string } {
  const comma = url.indexOf(',')
  const [type = '', ...rest] = url.slice('data:'.length, Math.max(0, Math.min(comma, 200))).split(';')
  const mediaType = MEDIA_TYPES.get(type.toLowerCase())
  if (mediaType === undefined) {
    throw bad(
      place,
      `its type is "${type}", not PNG, JPEG, WebP or GIF`,
      'Convert it, and say its type in the data URL',
    )
  }
  if (rest.at(-1) !== 'base64') throw bad(place, 'it is not in base64', 'Write it as data:image/png;base64,…')
  const base64 = url.slice(comma + 1)
  if (base64.length > (MAX_BYTES * 4) / 3 + 4) {
    throw new BadRequest(`Cannot read "${place}": the picture is larger than ${MAX_BYTES / MB} MB`, {
      param: place,
      code: 'image_too_large',
      status: 413,
      hint: 'Make it smaller',
    })
  }
  if (!BASE64.test(base64)) throw bad(place, 'what follows its comma is not base64', 'Encode the bytes of the file')
  return { mediaType, base64 }
}

function bad(place: string, problem: string, hint: string): BadRequest {
  return new BadRequest(`Cannot read "${place}": ${problem}`, { param: place, code: 'invalid_image', hint })
}
