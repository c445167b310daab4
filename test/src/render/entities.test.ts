import { expect, it } from 'vitest'
import { decodeEntities } from '../../../src/render/entities.ts'
import { readableMath } from '../../../src/render/math.ts'

it('decodeEntities() leaves names alone that stand for no character', () => {
  expect(decodeEntities('&valueOf; &toString; &nothing; &amp;')).toBe('&valueOf; &toString; &nothing; &')
})

it('readableMath() leaves names alone that stand for no symbol', () => {
  expect(readableMath('\\constructor \\toString \\alpha \\sin')).toBe('\\constructor \\toString α sin')
})
