import { expect, it } from 'vitest'
import { createLockout, WRONG_TOKENS_MAX } from '../../../daemon/server/trust-lockout.ts'

function createTest() {
  const clock = { now: 0 }
  const lockout = createLockout(() => clock.now)
  const guess = (address: string, times: number) => Array.from({ length: times }, () => lockout.wrong(address))
  return { clock, lockout, guess }
}

it('createLockout() locks out after ten wrong tokens, tells it once, and ends after a minute', () => {
  const { clock, lockout, guess } = createTest()
  expect(guess('192.168.1.2', WRONG_TOKENS_MAX - 1).some(Boolean)).toBe(false)
  expect(lockout.waitMs('192.168.1.2')).toBe(0)
  clock.now = 30_000
  expect(guess('192.168.1.2', 3)).toEqual([true, false, false])
  expect(lockout.waitMs('192.168.1.2')).toBe(60_000)
  expect(lockout.waitMs('192.168.1.3')).toBe(0)
  clock.now = 89_999
  expect(lockout.waitMs('192.168.1.2')).toBe(1)
  clock.now = 90_000
  expect(lockout.waitMs('192.168.1.2')).toBe(0)
  expect(guess('192.168.1.2', 1)).toEqual([false])
  expect(lockout.waitMs('192.168.1.2')).toBe(0)
})

it('createLockout() forgets wrong tokens of more than a minute ago', () => {
  const { clock, lockout, guess } = createTest()
  for (const minute of [0, 1, 2, 3]) {
    clock.now = minute * 60_000
    guess('192.168.1.2', WRONG_TOKENS_MAX - 1)
  }
  expect(lockout.waitMs('192.168.1.2')).toBe(0)
})

it('createLockout() takes a network of IPv6 for one peer, and both forms of IPv4 for the same', () => {
  const { lockout, guess } = createTest()
  for (let host = 1; host <= WRONG_TOKENS_MAX; host += 1) lockout.wrong(`2001:db8:1:2::${host}`)
  expect(lockout.waitMs('2001:db8:1:2:a:b:c:d')).toBeGreaterThan(0)
  expect(lockout.waitMs('2001:db8:1:3::1')).toBe(0)
  guess('::ffff:10.0.0.1', WRONG_TOKENS_MAX)
  expect(lockout.waitMs('10.0.0.1')).toBeGreaterThan(0)
})

it('createLockout() remembers a bounded number of peers, the latest of them', () => {
  const { lockout, guess } = createTest()
  guess('10.0.0.1', WRONG_TOKENS_MAX)
  for (let number = 0; number < 1_000; number += 1) lockout.wrong(`10.1.${number >> 8}.${number & 255}`)
  expect(lockout.waitMs('10.0.0.1')).toBe(0)
  guess('10.1.3.231', WRONG_TOKENS_MAX - 1)
  expect(lockout.waitMs('10.1.3.231')).toBeGreaterThan(0)
})
