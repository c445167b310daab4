import { expect, it } from 'vitest'
import { createLoaded } from '../../../daemon/models/loaded.ts'

it('createLoaded() loads once for all who ask, and again after a failure', async () => {
  let loads = 0
  const loaded = createLoaded(async () => {
    loads += 1
    if (loads === 1) throw new Error('the disk was busy')
    return loads
  })
  const first = [loaded.get(), loaded.get()]
  expect(await Promise.allSettled(first)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
  expect(await Promise.all([loaded.get(), loaded.get()])).toEqual([2, 2])
  loaded.replace(9)
  expect(await loaded.get()).toBe(9)
  loaded.replace()
  expect(await loaded.get()).toBe(3)
})
