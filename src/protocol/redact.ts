// Takes keys out of text that is logged, stored or shown.

export interface Redactor {
  /** From now on this exact value is taken out too. */
  add(key: string): void
  readonly redact: (text: string) => string
}

const CENSORED = '[redacted]'
/** Shorter values would also be found where they are no keys. */
const EXACT_CHARS_MIN = 8
const EXACT_KEYS_MAX = 200

/** What keys look like; the start that tells whose they are stays readable. Vendors echo them with stars inside. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(sk|rk|pk)-[\w*.-]{12,}/g, `$1-${CENSORED}`],
  [/\b(AIza)[\w*-]{10,}/g, `$1${CENSORED}`],
  [/\b(AQ\.)[\w*-]{20,}/g, `$1${CENSORED}`],
  [/\b((?:gsk|hf|r8|pplx|fw|csk|tgp|nvapi|ghp|gho)[_-])[\w*-]{12,}/g, `$1${CENSORED}`],
  [/\b(nt_)[0-9a-f]{16}_[\w*-]{12,}/g, `$1${CENSORED}`],
  [/\b(xai-)[\w*-]{12,}/g, `$1${CENSORED}`],
  [/\b(Bearer|Basic)\s+(?!\[)[\w.~+/*=-]{8,}/gi, `$1 ${CENSORED}`],
  [
    /((?:x-api-key|x-goog-api-key|api-key|authorization)["']?\s*[:=]\s*["']?)(?!Bearer|Basic|\[)[^\s"',;}]{8,}/gi,
    `$1${CENSORED}`,
  ],
  [/([?&](?:key|api_key|apikey|token|access_token)=)(?!\[)[^&\s"'#]{4,}/gi, `$1${CENSORED}`],
]

/** The text without any of these keys and without anything that looks like one. */
export function redact(text: string, knownKeys: Iterable<string> = []): string {
  let clean = text
  // The longest first: a key may begin with another.
  const exact = [...knownKeys].filter((key) => key.length >= EXACT_CHARS_MIN).toSorted((a, b) => b.length - a.length)
  for (const key of exact) {
    for (const form of new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])) {
      clean = clean.replaceAll(form, CENSORED)
    }
  }
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
  return clean
}

/** Remembers the keys that were in use, the latest of them. */
export function createRedactor(): Redactor {
  const keys = new Set<string>()
  return {
    add(key) {
      keys.delete(key)
      keys.add(key)
      const [oldest] = keys
      if (keys.size > EXACT_KEYS_MAX && oldest !== undefined) keys.delete(oldest)
    },
    redact: (text) => redact(text, keys),
  }
}
