// Something that is read at the first question and kept.

export interface Loaded<Value> {
  /** One load for all who ask meanwhile; one that failed is tried again by whoever asks next. */
  get(): Promise<Value>
  /** The next question reads it anew, or takes this in its place. */
  replace(value?: Value): void
}

export function createLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  let kept: Promise<Value> | null = null
  return {
    get() {
      if (kept !== null) return kept
      const loading = load()
      kept = loading
      loading.catch(() => {
        if (kept === loading) kept = null
      })
      return loading
    },
    replace(value) {
      kept = value === undefined ? null : Promise.resolve(value)
    },
  }
}
