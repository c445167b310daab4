// Small checks that turn unknown JSON into values, so that no vendor can surprise a reader.

export type JsonObject = { readonly [name: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function toObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null
}

/** The string, or null for everything else. */
export function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A number of things: 0 where the vendor sent none, or nonsense. */
export function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0
}

export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value, or undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // JSON knows no undefined, so it can stand for "no JSON".
    return undefined
  }
}
