import { expect, it } from 'vitest'
import { rememberMade } from '../../../daemon/providers/remember.ts'

it('rememberMade() makes once for all who ask, and anew after a failure', async () => {
  const map = new Map<string, Promise<number>>()
  let made = 0
  const ask = (isBroken: boolean) =>
    rememberMade(map, 'key', async () => {
      made += 1
      if (isBroken) throw new Error('too many open files')
      return made
    })
  const [first, second] = [ask(true), ask(false)]
  await expect(first).rejects.toThrow('too many open files')
  await expect(second).rejects.toThrow('too many open files')
  expect(await Promise.all([ask(false), ask(false)])).toEqual([2, 2])
  expect(await ask(true)).toBe(2)
})
