// Values that are made when first asked for, and kept.

export function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const value = make()
  map.set(key, value)
  return value
}

/** As `remember`, but what failed is made anew for the next who asks: a cause such as too many open files passes. */
export function rememberMade<Value>(
  map: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  return remember(map, key, () => {
    const making = make()
    making.catch(() => {
      if (map.get(key) === making) map.delete(key)
    })
    return making
  })
}
