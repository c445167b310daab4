import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Charge, createSpending, monthOf } from '../../../daemon/limits/budget.ts'

const OWNER = { deviceId: null, override: false }

it('reserve() refuses what is more than is left, and says the figures', () => {
  const spending = open({ limit: 1_000_000, ledger: 900_000 })
  spending.reserve(60_000, OWNER)
  expect(() => spending.reserve(60_000, OWNER)).toThrow(
    expect.objectContaining({
      code: 'over-budget',
      message: expect.stringMatching(/\$1\.00.*\$0\.90.*\$0\.06.*\$0\.06/),
    }),
  )
})

it('reserve() lets go of what was reserved and not spent', () => {
  const spending = open({ limit: 100 })
  spending.reserve(90, OWNER).settle(10)
  expect(spending.spent(null)).toEqual({ spentMicros: 10, reservedMicros: 0, limitMicros: 100 })
  spending.reserve(90, OWNER)
})

it('reserve() keeps what nobody knows the end of, and settles once', () => {
  const spending = open({ limit: 100 })
  const charge = spending.reserve(60, OWNER)
  charge.settle(null)
  charge.settle(0)
  expect(spending.spent(null).spentMicros).toBe(60)
})

it('reserve() lets a call of unknown price go until the budget is spent', () => {
  const spending = open({ limit: 100, ledger: 99 })
  spending.reserve(null, OWNER).settle(1)
  expect(() => spending.reserve(null, OWNER)).toThrow('monthly budget')
})

it('reserve() holds a device to its own budget and to that of all', () => {
  const phone = { deviceId: 'dev_phone' as const, override: false }
  const spending = createSpending({
    limitOf: (device) => (device === null ? 100 : 30),
    ledger: () => 0,
    now: Date.now,
  })
  spending.reserve(30, phone)
  expect(() => spending.reserve(1, phone)).toThrow('of this device')
  spending.reserve(70, OWNER)
  expect(() => spending.reserve(1, OWNER)).toThrow('monthly budget is')
})

it('reserve() goes over when it is told to', () => {
  const spending = open({ limit: 100, ledger: 100 })
  spending.reserve(50, { deviceId: null, override: true }).settle(50)
  expect(spending.spent(null).spentMicros).toBe(150)
})

it('reserve() begins anew with the month', () => {
  let now = new Date(2026, 10, 30, 23, 59).getTime()
  const spending = createSpending({ limitOf: () => 100, ledger: () => 0, now: () => now })
  const late = spending.reserve(100, OWNER)
  now = new Date(2026, 11, 1, 0, 0, 1).getTime()
  spending.reserve(100, OWNER)
  late.settle(500)
  expect(spending.spent(null)).toMatchObject({ spentMicros: 0, reservedMicros: 100 })
})

it('reserve() is never overshot by more than calls cost beyond their estimates, however they interleave', () => {
  const call = fc.record({ estimate: fc.integer({ min: 0, max: 500 }), error: fc.integer({ min: -500, max: 50 }) })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.array(fc.record({ call, settles: fc.nat({ max: 60 }) }), { maxLength: 60 }),
      (limit, steps) => {
        const spending = open({ limit })
        const running: { charge: Charge; cost: number }[] = []
        let beyond = 0
        for (const { call, settles } of steps) {
          try {
            const cost = Math.max(0, call.estimate + call.error)
            running.push({ charge: spending.reserve(call.estimate, OWNER), cost })
            beyond += Math.max(0, cost - call.estimate)
          } catch {
            // Refused, and so it costs nothing.
          }
          for (const { charge, cost } of running.splice(0, settles % (running.length + 1))) charge.settle(cost)
        }
        for (const { charge, cost } of running) charge.settle(cost)
        const { spentMicros, reservedMicros } = spending.spent(null)
        expect(reservedMicros).toBe(0)
        expect(spentMicros).toBeLessThanOrEqual(limit + beyond)
      },
    ),
  )
})

it('reserve() refuses nothing that costs nothing', () => {
  const spending = open({ limit: 100, ledger: 150 })
  expect(() => spending.reserve(0, OWNER)).not.toThrow()
  expect(() => spending.reserve(null, OWNER)).toThrow('nobody knows what this costs')
  expect(() => open({ limit: 0 }).reserve(0, OWNER)).toThrow('the monthly budget is')
})

it('grow() lets an answer be dearer than was likely until the budget is used up, and no answer beside it', () => {
  const spending = open({ limit: 100 })
  const first = spending.reserve(10, OWNER)
  const second = spending.reserve(10, OWNER)
  expect(first.grow(5)).toBeNull()
  expect(first.grow(80)).toBeNull()
  expect(spending.spent(null).reservedMicros).toBe(90)
  expect(second.grow(10)).toBeNull()
  expect(second.grow(21)?.code).toBe('over-budget')
  first.settle(80)
  second.settle(21)
  expect(spending.spent(null)).toMatchObject({ spentMicros: 101, reservedMicros: 0 })
  expect(second.grow(500)).toBeNull()
  const over = open({ limit: 10 }).reserve(10, { ...OWNER, override: true })
  expect(over.grow(1_000)).toBeNull()
})

it('monthOf() is the month of this machine', () => {
  expect(monthOf(new Date(2026, 0, 5).getTime())).toBe('2026-01')
})

function open({ limit, ledger = 0 }: { limit: number; ledger?: number }) {
  return createSpending({ limitOf: () => limit, ledger: () => ledger, now: Date.now })
}

it('reserve() tells a device of its own budget, and not how its owner could go over it', () => {
  const phone = { deviceId: 'dev_phone' as const, override: false }
  const spending = createSpending({
    limitOf: (device) => (device === null ? null : 30),
    ledger: () => 0,
    now: Date.now,
  })
  spending.reserve(20, phone)
  const refused = spending.refusal(20, phone)
  expect(refused).toMatchObject({ code: 'over-budget', message: expect.stringContaining('of this device') })
  expect(refused?.hint).not.toContain('--over-budget')
  expect(() => spending.reserve(20, phone)).toThrow(refused?.message)
})

it('refusal() reserves nothing', () => {
  const spending = open({ limit: 100 })
  expect(spending.refusal(60, OWNER)).toBeNull()
  expect(spending.spent(null).reservedMicros).toBe(0)
  expect(spending.refusal(101, OWNER)?.code).toBe('over-budget')
  expect(spending.refusal(101, { ...OWNER, override: true })).toBeNull()
})

it('refusal() says of an unknown price that it is unknown', () => {
  const spending = open({ limit: 100, ledger: 100 })
  expect(spending.refusal(null, OWNER)?.message).toContain('nobody knows what this costs')
})
