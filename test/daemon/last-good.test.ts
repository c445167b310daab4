import { expect, it } from 'vitest'
import { lastGood } from '../../daemon/last-good.ts'

it('lastGood() gives what was read last while reading fails, and throws where nothing ever was read', () => {
  let value: number | null = null
  const read = lastGood(() => {
    if (value === null) throw new Error('broken')
    return value
  })
  expect(read).toThrow('broken')
  value = 1
  expect(read()).toBe(1)
  value = null
  expect(read()).toBe(1)
  value = 2
  expect(read()).toBe(2)
})
