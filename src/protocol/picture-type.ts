// Which kind of picture base64 holds, by its beginning.

const BEGINNINGS: readonly (readonly [beginning: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
  ['R0lGOD', 'image/gif'],
]

/** The media type of the kinds that models take and draw; null where the bytes are of another kind. */
export function pictureType(base64: string): string | null {
  return BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? null
}
