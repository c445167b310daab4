// The keys of a line that is not shown: a pure machine from what a raw terminal sends to the line.

export type SecretStep =
  | { readonly type: 'more' }
  | { readonly type: 'done'; readonly text: string }
  /** Ctrl-D on an empty line. */
  | { readonly type: 'left' }
  /** Ctrl-C. */
  | { readonly type: 'interrupted' }

export interface SecretEditor {
  push(input: string): SecretStep
}

/** Keys of the keyboard and marks of a paste: CSI and SS3 sequences, and whatever else follows an escape. */
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)/g
/** The beginning of one, whose rest is still to come. */
const OPEN_ESCAPE = /\x1b(?:\[[0-?]*[ -/]*|O)?$/

export function createSecretEditor(): SecretEditor {
  let characters: string[] = []
  let pending = ''
  return { push }

  function push(input: string): SecretStep {
    const all = pending + input
    pending = OPEN_ESCAPE.exec(all)?.[0] ?? ''
    const keys = all.slice(0, all.length - pending.length).replace(ESCAPES, '')
    for (const key of keys) {
      const step = press(key)
      if (step !== null) return step
    }
    return { type: 'more' }
  }

  function press(key: string): SecretStep | null {
    switch (key) {
      case '\r':
      case '\n':
        return { type: 'done', text: characters.join('') }
      case '\x03':
        return { type: 'interrupted' }
      case '\x04':
        return characters.length === 0 ? { type: 'left' } : null
      case '\x7f':
      case '\b':
        characters.pop()
        return null
      // Ctrl-U and Ctrl-W: of a secret that nobody sees, a part is no use.
      case '\x15':
      case '\x17':
        characters = []
        return null
      default:
        if (key >= ' ') characters.push(key)
        return null
    }
  }
}
