import { once } from 'node:events'
import { expect, it } from 'vitest'
import { startTimer } from '../../../daemon/turn/turn-timer.ts'
import { EMPTY_REPLY, type ReplyState } from '../../../src/protocol/stream.ts'

type Waiting = Parameters<typeof startTimer>[0]['wait']

async function timeUp(wait: Waiting, reply: ReplyState = EMPTY_REPLY): Promise<unknown> {
  const abort = new AbortController()
  const plan = { timeoutMs: 20, target: { model: 'a/b' } }
  startTimer({ plan, abort, wait, reply })
  await once(abort.signal, 'abort')
  return abort.signal.reason
}

it('startTimer() says what a turn was still waiting for', async () => {
  expect(await timeUp({ reason: 'requests', position: 2, until: null })).toMatchObject({
    code: 'timeout',
    message: 'Cannot finish the answer of a/b within 0.02 s: it was still waiting for the limit of requests',
    hint: 'Raise --timeout, or run "natter status" to see the limits',
  })
})

it('startTimer() names what came until then only where something came', async () => {
  expect(await timeUp(null)).toMatchObject({ hint: 'Raise --timeout' })
  const reply: ReplyState = { ...EMPTY_REPLY, parts: [{ type: 'text', text: 'said' }] }
  expect(await timeUp(null, reply)).toMatchObject({
    message: 'Cannot finish the answer of a/b: it took longer than 0.02 s',
    hint: expect.stringContaining('natter last'),
  })
})

it('startTimer() of a turn without a limit starts none', () => {
  const plan = { timeoutMs: null, target: { model: 'a/b' } }
  expect(startTimer({ plan, abort: new AbortController(), wait: null, reply: EMPTY_REPLY })).toBeUndefined()
})
