import { expect, it } from 'vitest'
import { backoffMs } from '../../../daemon/limits/backoff.ts'

it('backoffMs() doubles its limit, up to 20 s', () => {
  const most = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, null, () => 1))
  expect(most).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000])
})

it('backoffMs() takes anything below the limit', () => {
  expect(backoffMs(3, null, () => 0)).toBe(0)
  expect(backoffMs(3, null, () => 0.5)).toBe(2_000)
})

it('backoffMs() never comes back before the provider asked', () => {
  expect(backoffMs(1, 7_000, () => 1)).toBe(7_000)
  expect(backoffMs(5, 100, () => 1)).toBe(16_000)
})
