// Tables of commands at any width.

import { expect, it } from 'vitest'
import { formatTable } from '../../../src/render/columns.ts'
import { displayWidth } from '../../../src/render/width.ts'

const columns = [
  { title: 'ID' },
  { title: 'Title', narrows: 'cut' as const },
  { title: 'Tokens', align: 'right' as const },
]
const rows = [
  ['cnv_1', 'A rather long title about 漢字 and terminals', '1.2k'],
  ['cnv_22', 'Short', '90'],
]

it('formatTable() aligns columns and cuts nothing when it is not for a terminal', () => {
  expect(formatTable(rows, columns, null)).toEqual({
    head: 'ID      Title                                         Tokens',
    lines: [
      'cnv_1   A rather long title about 漢字 and terminals    1.2k',
      'cnv_22  Short                                             90',
    ],
  })
})

it('formatTable() cuts the column that may be cut to the width of the terminal', () => {
  expect(formatTable(rows, columns, 40)).toEqual({
    head: 'ID      Title                     Tokens',
    lines: ['cnv_1   A rather long title abo…    1.2k', 'cnv_22  Short                         90'],
  })
})

it('formatTable() goes on below in a column that may be folded', () => {
  const models = [
    { title: 'MODEL', narrows: 'fold' as const },
    { title: 'IN', align: 'right' as const },
  ]
  expect(formatTable([['openrouter/anthropic/claude-sonnet', '3']], models, 24)).toEqual({
    head: 'MODEL                 IN',
    lines: ['openrouter/anthropic   3', '/claude-sonnet'],
  })
})

it('formatTable() makes a list of each row where the columns do not fit', () => {
  expect(formatTable(rows, columns, 20)).toEqual({
    head: null,
    lines: [
      'cnv_1  Tokens 1.2k',
      '  A rather long',
      '  title about 漢字',
      '  and terminals',
      'cnv_22  Tokens 90',
      '  Short',
    ],
  })
})

it('formatTable() takes as many rows as there are', () => {
  const many = Array.from({ length: 200_000 }, (_row, index) => [String(index), ''])
  expect(formatTable(many, [{ title: 'N' }, { title: 'X' }], null).lines).toHaveLength(200_000)
})

it('formatTable() is never wider than the terminal, and loses nothing in lists', () => {
  for (let width = 4; width <= 70; width++) {
    const { head, lines } = formatTable(rows, columns, width)
    expect([head ?? '', ...lines].filter((line) => displayWidth(line) > width)).toEqual([])
    if (head === null) expect(lines.join('').replace(/\s/g, '')).toContain('Aratherlongtitleabout漢字andterminals')
  }
})

it('formatTable() aligns coloured cells and never cuts inside a colour', () => {
  const painted = [
    ['\x1b[32mdone\x1b[0m', 'x'],
    ['\x1b[31mfailed with a long reason\x1b[0m', 'y'],
  ]
  const { lines } = formatTable(painted, [{ title: 'State', narrows: 'cut' }, { title: 'Id' }], 14)
  expect(lines).toEqual(['\x1b[32mdone\x1b[0m        x', 'failed wi…  y'])
})
