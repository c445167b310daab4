// What to say of a natterd that is there and does not answer.

import { NatterError } from '../../protocol/errors.ts'

export function silence(pid: number | null): NatterError {
  const name = pid === null ? 'natterd' : `natterd (pid ${pid})`
  const kill = pid === null ? '' : `, or "kill -9 ${pid}" if it stays`
  return new NatterError('daemon-unreachable', `${name} does not answer: it is stopping, or stuck`, {
    hint: `Run "natter daemon stop" to wait for it${kill}`,
  })
}
