import { expect, it } from 'vitest'
import { createId, isId, shortId } from '../../../src/protocol/ids.ts'

it('createId() makes a UUIDv7 with its kind, which sorts by time', () => {
  const [early, late] = [createId('cnv', 1_700_000_000_000), createId('cnv', 1_700_000_000_001)]
  expect(early).toMatch(/^cnv_018bcfe56800 ?7[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  expect(early < late).toBe(true)
  expect(isId('cnv', early)).toBe(true)
  expect(isId('trn', early)).toBe(false)
})

it('createId() never makes the same twice, and shortId() tells ids of the same moment apart', () => {
  const ids = Array.from({ length: 2_000 }, () => createId('msg', 1))
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids.map(shortId)).size).toBe(ids.length)
})

it.each(['', 'cnv_', 'cnv_x', `cnv_${'0'.repeat(32)}`, ' cnv_018bcfe568007000800000000000000'])(
  'isId() refuses %j',
  (text) => {
    expect(isId('cnv', text)).toBe(false)
  },
)
