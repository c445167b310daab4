// Link targets out of model text: which may be opened, and which host they really lead to.

export interface LinkTarget {
  /** The address for OSC 8: printable ASCII without spaces. Null when a terminal must not open it. */
  readonly href: string | null
  /** What the reader is shown as the destination: a host, a mail address, or the raw target. */
  readonly destination: string
}

const OPENABLE = new Set(['http:', 'https:', 'mailto:'])
const MAX_ADDRESS = 2048

/** Judges a link target as Markdown gave it. */
export function toLinkTarget(target: string): LinkTarget {
  const url = parse(target)
  if (url === null || !OPENABLE.has(url.protocol)) return { href: null, destination: shorten(target) }
  const href = /^[\x21-\x7E]+$/.test(url.href) && url.href.length <= MAX_ADDRESS ? url.href : null
  if (url.protocol === 'mailto:') return { href, destination: shorten(decodeAddress(url.pathname)) }
  // The host as it is looked up: punycode shows what look-alike letters hide.
  return { href, destination: url.host }
}

/** Whether the label already says plainly where the link leads. */
export function namesDestination(label: string, target: string): boolean {
  const { destination } = toLinkTarget(target)
  const text = label.trim().toLowerCase()
  if (text === destination.toLowerCase()) return true
  const address = text.replace(/^(https?:\/\/|mailto:)/, '')
  return address.startsWith(destination.toLowerCase()) && /^(?:$|[/?#])/.test(address.slice(destination.length))
}

function parse(target: string): URL | null {
  return URL.canParse(target) ? new URL(target) : null
}

function decodeAddress(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A stray percent sign: the path is shown as it is.
    return path
  }
}

function shorten(text: string): string {
  const scheme = /^data:[^;,]*/i.exec(text)?.[0]
  if (scheme !== undefined) return scheme
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
