// Names from outside index only what an object itself holds: what every object inherits, `constructor`, is no entry.

export function own<Value>(values: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}
