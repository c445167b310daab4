// Two turns of one conversation never run at once: the second waits for the first.

/** Runs tasks with the same key one after the other, in the order they came. */
export interface SerialQueue<Key> {
  run<Value>(key: Key, task: () => Promise<Value>): Promise<Value>
  /** How many of that key run or wait. */
  depth(key: Key): number
}

export function createSerialQueue<Key>(): SerialQueue<Key> {
  const tails = new Map<Key, { last: Promise<unknown>; depth: number }>()
  return {
    depth: (key) => tails.get(key)?.depth ?? 0,
    run(key, task) {
      const before = tails.get(key)
      const line = before ?? { last: Promise.resolve(), depth: 0 }
      line.depth += 1
      const result = line.last.then(task, task)
      const settled = result.then(leave, leave)
      line.last = settled
      tails.set(key, line)
      return result

      function leave(): void {
        line.depth -= 1
        if (line.depth === 0) tails.delete(key)
      }
    },
  }
}
