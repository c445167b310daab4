// How long to wait before the same model is asked again.

/** The first pause is at most half of this, in milliseconds. */
const BASE_MS = 1_000
const MAX_MS = 20_000
/** Whoever would have to wait longer than this is told so instead. */
export const PATIENCE_MS = 60_000
export const ATTEMPTS_MAX = 3

/**
 * Full jitter: anything from nothing to a limit that doubles, so that those who failed together do not come back
 * together; never less than what the provider asked for. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, retryAfterMs: number | null, random: () => number): number {
  const jittered = random() * Math.min(MAX_MS, BASE_MS * 2 ** (attempt - 1))
  return Math.max(jittered, retryAfterMs ?? 0)
}
