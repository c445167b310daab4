// What drawing has in common at all vendors.

import { pictureType } from '../../src/protocol/picture-type.ts'
import type { Endpoint, ImageAnswer } from './provider.ts'

/** Ten pictures of 3840x2160 in base64 stay below it; in bytes. */
export const PICTURES_MAX = 128 * 1024 * 1024

/** A picture comes all at once: until then the server is as silent as between two words of an answer. */
export function patient(endpoint: Endpoint): Endpoint {
  const { timers } = endpoint
  return { ...endpoint, timers: { ...timers, firstByte: Math.max(timers.firstByte, timers.progress) } }
}

/** `stated`: what the vendor calls it, which counts where the bytes say nothing. */
export function toPicture(base64: string, stated: string | null): ImageAnswer['images'][number] {
  return { mediaType: pictureType(base64) ?? stated ?? 'image/png', base64 }
}
