// What of a client's JSON has no schema: looked at by hand, where it is used.

export type JsonObject = { readonly [name: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Given<Values extends object> = { [Name in keyof Values]?: NonNullable<Values[Name]> }

/** Only what was said: clients send null for what they leave open. */
export function given<Values extends object>(values: Values): Given<Values> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(entries) as Given<Values>
}

/** Whether objects and lists stand within one another on more levels than that. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
