// Numbers and times as short notes for people: what is printed beside an answer.

/** Tokens as `950`, `1.2k`, `3.4M`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(Math.round(tokens))
  // From 999 950 on, one decimal of a thousand would read "1000.0k".
  if (tokens < 999_950) return `${trimZero((tokens / 1000).toFixed(1))}k`
  return `${trimZero((tokens / 1_000_000).toFixed(1))}M`
}

/** Millionths of a US dollar as `$0.0042`, `$1.25`; null is a price nobody knows, which is not nothing. */
export function formatCost(micros: number | null): string {
  if (micros === null) return 'unknown'
  const dollars = micros / 1_000_000
  if (dollars === 0) return '$0'
  if (dollars < 0.0001) return '<$0.0001'
  return `$${dollars < 1 ? trimCents(dollars.toFixed(4)) : dollars.toFixed(2)}`
}

/** Milliseconds as `850 ms`, `4.2 s`, `2 min 5 s`, `1 h 3 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${trimZero((ms / 1000).toFixed(1))} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** A time as `just now`, `5 min ago`, `in 2 h`, `3 d ago`, or the date when it is longer ago than a month. Both in ms. */
export function formatRelativeTime(at: number, now: number): string {
  const distance = Math.abs(now - at)
  const unit = UNITS.find(({ below }) => distance < below)
  if (unit === undefined) return localDate(at)
  if (unit.ms === 0) return 'just now'
  const amount = `${Math.max(1, Math.floor(distance / unit.ms))} ${unit.name}`
  return at > now ? `in ${amount}` : `${amount} ago`
}

const UNITS = [
  { below: 45_000, ms: 0, name: '' },
  { below: 3_600_000, ms: 60_000, name: 'min' },
  { below: 86_400_000, ms: 3_600_000, name: 'h' },
  { below: 31 * 86_400_000, ms: 86_400_000, name: 'd' },
]

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

function trimZero(number: string): string {
  return number.replace(/\.0$/, '')
}

/** At least cents, so that columns of prices read as money. */
function trimCents(dollars: string): string {
  return dollars.replace(/0{1,2}$/, '')
}

function localDate(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
}
