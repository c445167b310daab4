// Arguments and options that name something: an empty one, as of an unset variable in a script, names nothing.

import { NatterError } from '../protocol/errors.ts'

const HINTS = {
  model: 'Run "natter models" to see what can be asked',
  conversation: 'Run "natter history list" to see them',
  turn: 'Run "natter ps" to see what runs, or "natter history list"',
  setting: 'Run "natter config get" to see all',
  device: 'Run "natter devices list" to see them',
  provider: 'Run "natter keys list" to see them',
} as const

/** A parser for commander: the text as it is. */
export function notEmpty(what: keyof typeof HINTS): (value: string) => string {
  return (value) => {
    if (value.trim() !== '') return value
    throw new NatterError('usage', `Cannot find ${what} "${value}": the name is empty`, { hint: HINTS[what] })
  }
}
