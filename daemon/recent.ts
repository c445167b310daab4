// The newest so many of something.

export interface Recent<Key, Value> {
  get(key: Key): Value | undefined
  /** What was there under that key makes room for it, and it is the newest. */
  add(key: Key, value: Value): void
  remove(key: Key): void
  /** Oldest first. */
  values(): readonly Value[]
}

export function createRecent<Key, Value>(max: number): Recent<Key, Value> {
  const values = new Map<Key, Value>()
  return {
    get: (key) => values.get(key),
    add(key, value) {
      values.delete(key)
      values.set(key, value)
      const [oldest] = values.keys()
      if (values.size > max && oldest !== undefined) values.delete(oldest)
    },
    remove: (key) => values.delete(key),
    values: () => [...values.values()],
  }
}
