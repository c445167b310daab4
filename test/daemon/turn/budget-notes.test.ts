import { expect, it } from 'vitest'
import { budgetNotes } from '../../../daemon/turn/budget-notes.ts'
import { createTestRooms } from '../../helpers/rooms.ts'

it.each([
  [79, []],
  [80, ['the monthly budget is nearly spent: $0.80 of $1.00, 80 %']],
  [100, ['the monthly budget is spent: $1.00 of $1.00, 100 %']],
  [180, ['the monthly budget is overspent: $1.80 of $1.00, 180 %']],
])('budgetNotes() says of %i of 100 cents that were spent %j', async (spentMicros, said) => {
  await using test = await createTestRooms()
  test.budgetMicros = 1_000_000
  const { spending } = test.rooms.limits
  const charge = spending.reserve(spentMicros * 10_000, { deviceId: null, override: true })
  charge.settle(spentMicros * 10_000)
  const plan = { deviceId: null } as Parameters<typeof budgetNotes>[1]['plan']
  expect(budgetNotes(test.rooms, { plan, charge })).toEqual(said)
})
