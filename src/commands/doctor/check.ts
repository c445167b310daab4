// One thing that the doctor looked at.

import type { CommandContext } from '../context.ts'

export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do; null where there is nothing to do. */
  readonly hint: string | null
}

/** Checks in the order they are shown; none of them throws for what it finds. */
export type CheckGroup = (context: CommandContext) => AsyncGenerator<Check>

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, hint: null }
}

export function warn(name: string, detail: string, hint: string | null = null): Check {
  return { name, status: 'warn', detail, hint }
}

export function fail(name: string, detail: string, hint: string | null = null): Check {
  return { name, status: 'fail', detail, hint }
}
