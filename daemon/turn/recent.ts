// The newest so many of something.

export interface Recent<Key, Value> {
  get(key: Key): Value | undefined
  add(key: Key, value: Value): void
}

export function createRecent<Key, Value>(max: number): Recent<Key, Value> {
  const values = new Map<Key, Value>()
  return {
    get: (key) => values.get(key),
    add(key, value) {
      values.set(key, value)
      const [oldest] = values.keys()
      if (values.size > max && oldest !== undefined) values.delete(oldest)
    },
  }
}
