import { expect, it } from 'vitest'
import { createRest } from '../../daemon/rest.ts'

const MEGABYTE = 1024 * 1024

it('createRest() collects once after much was taken, and only when nothing went on twice in a row', () => {
  let rss = 100 * MEGABYTE
  let collections = 0
  const rest = createRest({
    rss: () => rss,
    collect() {
      collections += 1
      rss = 110 * MEGABYTE
    },
  })
  rest.check(false)
  rest.check(false)
  expect(collections).toBe(0)
  rss = 300 * MEGABYTE
  rest.check(true)
  rest.check(false)
  expect(collections).toBe(0)
  rest.check(false)
  expect(collections).toBe(1)
  rss = 149 * MEGABYTE
  rest.check(false)
  expect(collections).toBe(1)
})

it('createRest() frees what nobody holds any more', async () => {
  let rss = 0
  const rest = createRest({
    rss() {
      rss += 100 * MEGABYTE
      return rss
    },
  })
  rest.check(false)
  const gone = new WeakRef({ large: new Array(1_000).fill(0) })
  // What was looked at in this turn of the loop is held until its end.
  await new Promise(setImmediate)
  rest.check(false)
  expect(gone.deref()).toBeUndefined()
})
