// The limit that whoever asked has set for a whole turn.

import { NatterError } from '../../src/protocol/errors.ts'
import type { RunningTurn } from './running-turn.ts'

/** Aborts the turn when its time is up; undefined where it has no limit. */
export function startTimer({ plan, abort }: RunningTurn): NodeJS.Timeout | undefined {
  if (plan.timeoutMs === null) return undefined
  const seconds = plan.timeoutMs / 1000
  return setTimeout(() => {
    abort.abort(
      new NatterError('timeout', `Cannot finish the answer of ${plan.target.model}: it took longer than ${seconds} s`, {
        hint: 'Raise --timeout, or run "natter last" for what came until then',
      }),
    )
  }, plan.timeoutMs)
}
