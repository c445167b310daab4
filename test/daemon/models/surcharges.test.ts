// What the price list of tokens does not tell.

import { expect, it } from 'vitest'
import { hasSurcharge } from '../../../daemon/models/surcharges.ts'

it.each([
  [undefined, false],
  [{}, false],
  [{ user: 'me', metadata: { service_tier: 'flex' }, constructor: 1 }, false],
  [{ service_tier: 'auto' }, false],
  [{ service_tier: 'default' }, false],
  [{ service_tier: null }, false],
  [{ service_tier: 'flex' }, true],
  [{ service_tier: 'priority' }, true],
  [{ web_search_options: {} }, true],
  [{ web_search_options: null }, false],
  [{ speed: 'fast' }, true],
])('hasSurcharge() of %o is %s', (extra, expected) => {
  expect(hasSurcharge(extra)).toBe(expected)
})
