import { expect, it } from 'vitest'
import { createBreaker } from '../../../daemon/limits/breaker.ts'

it('createBreaker() lets all through until eight have failed in a row', () => {
  const { breaker } = open()
  for (let count = 0; count < 7; count += 1) breaker.failed('down')
  breaker.succeeded()
  for (let count = 0; count < 7; count += 1) breaker.failed('down')
  expect(breaker.state).toBe('closed')
  breaker.failed('down')
  expect(breaker.state).toBe('open')
  expect(breaker.retryAt()).toBe(10_000)
  expect(breaker.lastFailure).toBe('down')
})

it('createBreaker() lets one through after the pause, and keeps the others out until that one has ended', () => {
  const { breaker, pass } = opened()
  pass(10_000)
  expect(breaker.state).toBe('half-open')
  expect(breaker.retryAt()).toBeNull()
  breaker.begin()
  expect(breaker.retryAt()).not.toBeNull()
  breaker.succeeded()
  expect(breaker.state).toBe('closed')
  expect(breaker.retryAt()).toBeNull()
})

it('createBreaker() doubles the pause each time that one fails, up to five minutes', () => {
  const { breaker, pass, now } = opened()
  const pauses: number[] = []
  for (let count = 0; count < 7; count += 1) {
    pass((breaker.retryAt() ?? 0) - now())
    breaker.begin()
    breaker.failed('down')
    pauses.push((breaker.retryAt() ?? 0) - now())
  }
  expect(pauses).toEqual([20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000])
})

it('createBreaker() lets the next one find out where the first said nothing of the provider', () => {
  const { breaker, pass } = opened()
  pass(10_000)
  breaker.begin()
  breaker.abandoned()
  expect(breaker.state).toBe('half-open')
  expect(breaker.retryAt()).toBeNull()
})

function open() {
  let time = 0
  const breaker = createBreaker({ now: () => time })
  return {
    breaker,
    now: () => time,
    pass: (ms: number) => {
      time += ms
    },
  }
}

function opened() {
  const parts = open()
  for (let count = 0; count < 8; count += 1) parts.breaker.failed('down')
  return parts
}
