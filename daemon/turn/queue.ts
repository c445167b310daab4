// Two turns of one conversation never run at once: the second waits for the first.

/** Runs tasks with the same key one after the other, in the order they came. */
export interface SerialQueue<Key> {
  /** A task whose signal aborts while it waits is run at once: all it has to do is to end. */
  run<Value>(key: Key, task: () => Promise<Value>, signal?: AbortSignal): Promise<Value>
  /** How many of that key run or wait. */
  depth(key: Key): number
}

export function createSerialQueue<Key>(): SerialQueue<Key> {
  const tails = new Map<Key, { last: Promise<unknown>; depth: number }>()
  return {
    depth: (key) => tails.get(key)?.depth ?? 0,
    run(key, task, signal) {
      const line = tails.get(key) ?? { last: Promise.resolve(), depth: 0 }
      line.depth += 1
      const before = line.last
      const result = (signal === undefined ? before : Promise.race([before, aborted(signal)])).then(task)
      const settled = result.then(leave, leave)
      // Who comes next waits for those before as well, should this one have jumped the line to end.
      line.last = Promise.all([before, settled]).then(() => undefined)
      tails.set(key, line)
      return result

      function leave(): void {
        line.depth -= 1
        if (line.depth === 0) tails.delete(key)
      }
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
