import { expect, it } from 'vitest'
import { budgetNotes } from '../../../daemon/turn/budget-notes.ts'
import { createTestRooms } from '../../helpers/rooms.ts'

it.each([
  [79, []],
  [80, ['the monthly budget is nearly spent: $0.0001 of $0.0001, 80 %']],
  [100, ['the monthly budget is spent: $0.0001 of $0.0001, 100 %']],
  [180, ['the monthly budget is overspent: $0.0002 of $0.0001, 180 %']],
])('budgetNotes() says of %i of 100 millionths that were spent %j', async (spentMicros, said) => {
  await using test = await createTestRooms()
  test.budgetMicros = 100
  const { spending } = test.rooms.limits
  const charge = spending.reserve(spentMicros, { deviceId: null, override: true })
  charge.settle(spentMicros)
  const plan = { deviceId: null } as Parameters<typeof budgetNotes>[1]['plan']
  expect(budgetNotes(test.rooms, { plan, charge })).toEqual(said)
})
