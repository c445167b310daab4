// Settings for what runs already: a file that breaks meanwhile keeps nothing from its end.

/** Reads, and where that fails gives what was read last; throws only where nothing ever was. */
export function lastGood<Value>(read: () => Value): () => Value {
  let last: { readonly value: Value } | null = null
  return () => {
    try {
      last = { value: read() }
    } catch (error) {
      if (last === null) throw error
    }
    return last.value
  }
}
