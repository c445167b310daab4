// The limit that whoever asked has set for a whole turn.

import { NatterError } from '../../src/protocol/errors.ts'
import type { RunningTurn, TurnPlan } from './running-turn.ts'
import type { Wait } from './wait.ts'

type TimedTurn = Pick<RunningTurn, 'abort' | 'wait' | 'reply'> & {
  readonly plan: Pick<TurnPlan, 'timeoutMs'> & { readonly target: Pick<TurnPlan['target'], 'model'> }
}

/** Aborts the turn when its time is up; undefined where it has no limit. */
export function startTimer(turn: TimedTurn): NodeJS.Timeout | undefined {
  const { timeoutMs } = turn.plan
  return timeoutMs === null ? undefined : setTimeout(() => turn.abort.abort(timeUp(turn, timeoutMs)), timeoutMs)
}

function timeUp({ plan, wait, reply }: TimedTurn, timeoutMs: number): NatterError {
  const doing = `Cannot finish the answer of ${plan.target.model}`
  const seconds = `${timeoutMs / 1000} s`
  if (reply.parts.length > 0) {
    return new NatterError('timeout', `${doing}: it took longer than ${seconds}`, {
      hint: 'Raise --timeout, or run "natter last" for what came until then',
    })
  }
  const [how, hint] =
    wait === null
      ? ['it had not begun', 'Raise --timeout']
      : [`it was still waiting ${WAITED[wait.reason]}`, 'Raise --timeout, or run "natter status" to see the limits']
  return new NatterError('timeout', `${doing} within ${seconds}: ${how}`, { hint })
}

const WAITED: { readonly [Reason in Wait['reason']]: string } = {
  conversation: 'for the answer before it',
  concurrency: 'for a free place',
  requests: 'for the limit of requests',
  tokens: 'for the limit of tokens',
  provider: 'as its provider had asked',
  retry: 'to ask again',
}
