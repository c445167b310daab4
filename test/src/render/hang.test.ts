import { expect, it } from 'vitest'
import { hang } from '../../../src/render/hang.ts'
import { plainSpan, rowText } from '../../../src/render/spans.ts'

function linesOf(label: string, text: string, width: number) {
  return hang([plainSpan(label)], [plainSpan(text)], width).map(rowText)
}

it('hang() goes on beside the label', () => {
  const lines = ['log   twenty-four columns are', '      just enough']
  expect(linesOf('log   ', 'twenty-four columns are just enough', 30)).toEqual(lines)
  expect(linesOf('log   ', 'three words here', Number.POSITIVE_INFINITY)).toEqual(['log   three words here'])
})

it('hang() puts the text below a label that leaves it too little room', () => {
  const lines = ['  --format', '      <format>', '    text or', '    json']
  expect(linesOf('  --format <format>  ', 'text or json', 12)).toEqual(lines)
})

it('hang() keeps long words whole, and begins a line with them', () => {
  const path = '/home/someone/.local/share/natter/natter.db'
  expect(linesOf('    ', `see ${path} or so`, 20)).toEqual(['    see', `    ${path}`, '    or so'])
})

it('hang() breaks between characters that need no spaces', () => {
  expect(linesOf('', '日本語の長いタイトル', 10)).toEqual(['日本語の長', 'いタイトル'])
})

it('hang() keeps the lines of the text apart', () => {
  expect(linesOf('ok  ', 'fine\nDo nothing', 40)).toEqual(['ok  fine', '    Do nothing'])
})
