// How long a server asks us to wait, in the several ways in which servers say it.

const DAY_MS = 86_400_000
const UNITS_MS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

interface Wait {
  readonly headers: { readonly [name: string]: string }
  /** The wait that the body states, in milliseconds. */
  readonly stated: number | null
  readonly message: string
}

/**
 * Milliseconds, or null where nobody said. Order: `retry-after-ms`, `retry-after` (seconds or an HTTP date), the body's
 * own field, "try again in 2m59.56s" in its message. The `reset` headers are the time to a full allowance, not a wait.
 */
export function retryAfterOf({ headers, stated, message }: Wait, now: number): number | null {
  const wait = number(headers['retry-after-ms']) ?? fromHeader(headers['retry-after'], now) ?? stated
  return bounded(wait ?? parseDuration(/try again in ([\d.hms]+)/i.exec(message)?.[1] ?? ''))
}

/** A duration as Go writes it, `1h2m3.5s` or `12ms`; null where it is none. */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[hms]))+\.?$/.test(text)) return null
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g)) {
    total += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0)
  }
  return Math.ceil(total)
}

function fromHeader(value: string | undefined, now: number): number | null {
  const seconds = number(value)
  if (seconds !== null) return seconds * 1000
  const date = Date.parse(value ?? '')
  return Number.isNaN(date) ? null : date - now
}

function number(value: string | undefined): number | null {
  const parsed = Number(value ?? Number.NaN)
  return value?.trim() === '' || Number.isNaN(parsed) ? null : parsed
}

function bounded(wait: number | null): number | null {
  return wait === null ? null : Math.min(DAY_MS, Math.max(0, Math.ceil(wait)))
}
