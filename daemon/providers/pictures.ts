// What drawing has in common at all vendors.

import type { Endpoint, ImageAnswer } from './provider.ts'

/** Ten pictures of 3840x2160 in base64 stay below it; in bytes. */
export const PICTURES_MAX = 128 * 1024 * 1024

/** A picture comes all at once: until then the server is as silent as between two words of an answer. */
export function patient(endpoint: Endpoint): Endpoint {
  const { timers } = endpoint
  return { ...endpoint, timers: { ...timers, firstByte: Math.max(timers.firstByte, timers.progress) } }
}

const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
  ['R0lGOD', 'image/gif'],
]

/** `stated`: what the vendor calls it, which counts where the bytes say nothing. */
export function toPicture(base64: string, stated: string | null): ImageAnswer['images'][number] {
  const known = BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))
  return { mediaType: known?.[1] ?? stated ?? 'image/png', base64 }
}
