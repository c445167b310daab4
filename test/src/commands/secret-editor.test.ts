import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSecretEditor, type SecretStep } from '../../../src/commands/secret-editor.ts'

function type(...pieces: readonly string[]): SecretStep {
  const editor = createSecretEditor()
  let step: SecretStep = { type: 'more' }
  for (const piece of pieces) {
    step = editor.push(piece)
    if (step.type !== 'more') return step
  }
  return step
}

it.each([
  ['secret\r', 'secret'],
  ['secret\n', 'secret'],
  ['first\rsecond\r', 'first'],
  ['abX\x7fc\r', 'abc'],
  ['ab\b\b\b\bc\r', 'c'],
  ['a\u{1f600}\x7fb\r', 'ab'],
  ['wrong\x15right\r', 'right'],
  ['wrong\x17right\r', 'right'],
  ['\x1b[200~pasted\x1b[201~\r', 'pasted'],
  ['a\x1b[Ab\x1bOCc\x1b[1;5Dd\x1bxe\r', 'abcde'],
  ['a\x00\x01\x1a\tb\r', 'ab'],
  ['a\x04b\r', 'ab'],
])('createSecretEditor() reads %j as %j', (input, text) => {
  expect(type(input)).toEqual({ type: 'done', text })
})

it.each([
  ['', 'more'],
  ['half', 'more'],
  ['\x1b', 'more'],
  ['\x03', 'interrupted'],
  ['half\x03', 'interrupted'],
  ['\x04', 'left'],
  ['a\x7f\x04', 'left'],
])('createSecretEditor() answers %j with %s', (input, step) => {
  expect(type(input).type).toBe(step)
})

it('createSecretEditor() reads the same however the terminal cuts what it sends', () => {
  const piece = fc.constantFrom('k', 'é', '\x7f', '\x15', '\x1b[D', '\x1bOA', '\x1b[200~', '\x1b[1;5C', '\x1bq')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const input = `${pieces.join('')}\r`
      expect(type(...input)).toEqual(type(input))
    }),
  )
})
