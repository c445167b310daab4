// A line of the log as people read it.

import { sanitizeLine } from '../../render/sanitize.ts'
import type { Role, Theme } from '../../render/theme.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    fatal: 'error',
    error: 'error',
    warn: 'warning',
    info: 'success',
    debug: 'dim',
    trace: 'dim',
  }),
)

/** What is not a line of ours is shown as it is, but harmless. */
export function formatLogLine(line: string, theme: Theme): string {
  const fields = parse(line)
  if (fields === null) return sanitizeLine(line)
  const { level, time, msg, pid: _pid, err, ...rest } = fields
  const name = String(level)
  const facts = Object.entries(rest).map(([key, value]) => `${key}=${show(value)}`)
  return [
    theme.paint('dim', timeOf(time)),
    theme.paint(ROLES.get(name) ?? 'dim', sanitizeLine(name).padEnd(5)),
    sanitizeLine(String(msg ?? '')),
    theme.paint('dim', sanitizeLine(facts.join(' '))),
    err === undefined ? '' : theme.paint('error', sanitizeLine(errorOf(err))),
  ]
    .filter((text) => text !== '')
    .join(' ')
}

function parse(line: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'level' in value ? { ...value } : null
  } catch {
    return null
  }
}

/** Of this machine's clock, to the millisecond. */
function timeOf(time: unknown): string {
  if (time === undefined) return ''
  const date = new Date(String(time))
  if (Number.isNaN(date.getTime())) return sanitizeLine(String(time))
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
  const pad = (numbers: readonly number[]) => numbers.map((number) => String(number).padStart(2, '0'))
  return `${pad(day).join('-')} ${pad(clock).join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function errorOf(error: unknown): string {
  const { type, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  return message === undefined ? show(error) : `${type === undefined ? '' : `${String(type)}: `}${String(message)}`
}
