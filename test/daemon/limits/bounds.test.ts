// Names of models and keys come from outside: nothing that is kept for each of them grows for ever.

import { expect, it } from 'vitest'
import { createBreakers } from '../../../daemon/limits/breakers.ts'
import { createExpectedOutput } from '../../../daemon/limits/expected-output.ts'
import { createRecent } from '../../../daemon/recent.ts'

const MANY = 1_100

it('createRecent() keeps the newest, and what is added again is new', () => {
  const recent = createRecent<string, number>(2)
  recent.add('a', 1)
  recent.add('b', 2)
  recent.add('a', 3)
  recent.add('c', 4)
  expect(recent.values()).toEqual([3, 4])
  expect(recent.get('b')).toBeUndefined()
  recent.remove('a')
  expect(recent.values()).toEqual([4])
})

it('createExpectedOutput() forgets models that were asked long ago, and none that is asked', () => {
  const outputs = createExpectedOutput()
  outputs.learn('old', 100)
  for (let model = 0; model < MANY; model += 1) {
    outputs.learn(`m${model}`, 100)
    outputs.learn('used', 100)
  }
  expect(outputs.of('old', undefined)).toBe(500)
  expect(outputs.of('used', undefined)).toBe(150)
})

it('createBreakers() forgets keys that were used long ago, and none that is used', () => {
  const breakers = createBreakers()
  const used = breakers.of({ provider: 'used', key: null })
  for (let key = 0; key < MANY; key += 1) {
    breakers.of({ provider: 'p', key: String(key) })
    expect(breakers.of({ provider: 'used', key: null })).toBe(used)
  }
  expect(breakers.status()).toHaveLength(1_000)
})
