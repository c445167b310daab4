// Takes live control characters out of text by class, so that nothing a model, a file or the network sent acts on a terminal.

export interface Sanitizer {
  /** The safe form of what can be decided now; at most a few characters wait for the next call. */
  push(text: string): string
  /** The safe form of what still waited. */
  end(): string
}

/**
 * Text that a terminal only prints: line ends are `\n`, tabs stay, every other control character, direction override,
 * tag and invisible character is gone. Joiners and presentation selectors stay inside emoji. No escape sequence is
 * parsed: without its introducer the rest of one is harmless text, wherever it was cut.
 */
export function sanitize(text: string): string {
  if (!UNUSUAL.test(text)) return text
  return text.replace(LINE_ENDS, '\n').toWellFormed().replace(DANGEROUS, '')
}

/** The same for a title, a name or an error message: one line, no edges of white space. */
export function sanitizeLine(text: string): string {
  return sanitize(text)
    .replace(/[\n\t]+/g, ' ')
    .trim()
}

/** `sanitize()` for text that arrives in pieces; the result does not depend on where they were cut. */
export function createSanitizer(): Sanitizer {
  let previous = ''
  let waiting = ''
  return { push, end }

  function push(text: string): string {
    const all = waiting + text
    const cut = all.length - (UNDECIDED.exec(all.slice(-WINDOW))?.[0].length ?? 0)
    waiting = all.slice(cut)
    return clean(all.slice(0, cut))
  }

  function end(): string {
    const rest = waiting
    waiting = ''
    return clean(rest)
  }

  function clean(text: string): string {
    if (text === '') return ''
    const safe = sanitize(previous + text).slice(previous.length)
    // What was taken out still separates: the character before it is not the neighbour of the one after it.
    const last = lastCharacter(text)
    previous = sanitize(last) === last ? last : ''
    return safe
  }
}

function lastCharacter(text: string): string {
  return Array.from(text.slice(-2)).at(-1) ?? ''
}

/** Anything but printable ASCII, newline and tab: a cheap test that spares most text the full pass. */
const UNUSUAL = /[^\n\t\x20-\x7E]/

const LINE_ENDS = /\r\n?|[\u2028\u2029]/g

/**
 * Controls, formats and default-ignorables, except those that shape emoji (their own alternatives decide) and the visible
 * number signs of Arabic, Syriac and Kaithi. U+10EEEE places pictures in kitty.
 */
const DANGEROUS =
  /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u{10EEEE}]--[\n\t\u200D\uFE0E\uFE0F\u0600-\u0605\u06DD\u0890\u0891\u08E2\u{110BD}\u{110CD}]]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}])(?<![0-9#*](?=\uFE0F\u20E3))[\uFE0E\uFE0F]/gv

/** The end of a piece that the next one may change: half a character, half a line end, an emoji that may go on. */
const UNDECIDED = /(?:\r|[0-9#*]?[\u200D\uFE0E\uFE0F]+[\uD800-\uDBFF]?|[\uD800-\uDBFF])$/

const WINDOW = 16
