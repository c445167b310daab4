// How large a picture is, read from its first bytes.

import { imageSize } from 'image-size'
import { pictureType } from '../../src/protocol/picture-type.ts'
import type { PictureSize } from './image-tokens.ts'

/** Cameras write previews and profiles in front of the size; more than this is left unread, in bytes. */
const HEAD_MAX = 512 * 1024
/** The kinds that are taken; of the many others that the package knows some are read by slow means. */
const KINDS: ReadonlySet<string> = new Set(['png', 'jpg', 'gif', 'webp'])

/** In pixels, of a picture in base64; null where it cannot be told. Never throws. */
export function readPictureSize(base64: string): PictureSize | null {
  if (pictureType(base64) === null) return null
  try {
    const head = Buffer.from(base64.slice(0, Math.ceil(HEAD_MAX / 3) * 4), 'base64')
    const { width, height, type } = imageSize(head)
    return KINDS.has(type ?? '') && width > 0 && height > 0 ? { width, height } : null
  } catch {
    // A broken picture is refused by whoever is asked to look at it, in better words than ours.
    return null
  }
}
