import { expect, it } from 'vitest'
import { titleOf } from '../../../daemon/turn/title.ts'

it.each([
  ['Short question', 'Short question'],
  ['  two\n\nlines\twith  blanks ', 'two lines with blanks'],
  ['', 'Untitled'],
  [`${'word '.repeat(30)}`, `${'word '.repeat(11).trim()}…`],
  ['x'.repeat(100), `${'x'.repeat(59)}…`],
])('titleOf(%j) is %j', (prompt, title) => {
  expect(titleOf(prompt)).toBe(title)
})

it('titleOf() never cuts a character in two', () => {
  expect(titleOf('\u{1f600}'.repeat(100))).toBe(`${'\u{1f600}'.repeat(59)}…`)
})
