import { expect, it } from 'vitest'
import { createFrameClock } from '../../../daemon/providers/frame-clock.ts'

it('createFrameClock() calls all who wait at one beat, in their order', async () => {
  const clock = createFrameClock(5)
  const called: string[] = []
  clock.wait(() => called.push('first'))
  await new Promise<void>((resolve) => clock.wait(resolve))
  expect(called).toEqual(['first'])
})

it('createFrameClock() leaves who waits again for the beat after', async () => {
  const clock = createFrameClock(5)
  let beats = 0
  await new Promise<void>((resolve) => {
    const again = () => {
      beats += 1
      if (beats === 3) resolve()
      else clock.wait(again)
    }
    clock.wait(again)
  })
  expect(beats).toBe(3)
})

it('createFrameClock() forgets who cancelled, and no other', async () => {
  const clock = createFrameClock(5)
  const called: string[] = []
  const call = () => called.push('call')
  clock.wait(call).cancel()
  clock.wait(call)
  await new Promise<void>((resolve) => clock.wait(resolve))
  expect(called).toEqual(['call'])
})
