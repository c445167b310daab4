// Texts made to stall a reader: each is read in bounded work, whole and as a stream, and none of it is lost.

import { expect, it } from 'vitest'
import { createBlockReader, MAX_BLOCK } from '../../../src/render/block-reader.ts'
import { codeBlocks } from '../../../src/render/code-blocks.ts'
import { loadGrammar } from '../../../src/render/languages.ts'
import { renderBlocks } from '../../../src/render/markdown.ts'
import { createMarkdownStream } from '../../../src/render/stream.ts'
import { createStyle } from '../../../src/render/style.ts'
import { detectTerminal } from '../../../src/render/terminal.ts'
import { withoutSequences } from './screen.ts'

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_line, index) => line(index)).join('\n')

const BOMBS: Readonly<Record<string, string>> = {
  'a hundred thousand backticks': '`'.repeat(100_000),
  'backticks in runs of every length': lines(300, (index) => `${'`'.repeat(index + 1)}a`).replaceAll('\n', ''),
  'five hundred quotes in one line': `${'> '.repeat(500)}x`,
  'quotes one deeper on each line': lines(500, (index) => `${'>'.repeat(index + 1)} x`),
  'five hundred lists in one line': `${'- '.repeat(500)}x`,
  'lists one deeper on each line': lines(500, (index) => `${'  '.repeat(index)}- x`),
  'lists in quotes in lists': lines(100, (index) => `${'> - '.repeat(index + 1)}x`),
  'a single line of five megabytes': 'a'.repeat(5_000_000),
  'wide characters without a break': '漢'.repeat(200_000),
  'joined emoji without a break': '👨‍👩‍👧'.repeat(40_000),
  'marks piled on one letter': `a${'\u0301'.repeat(200_000)}`,
  'a table of fifty thousand rows': `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(50_000)}`,
  'a table of five thousand columns': `|${'a|'.repeat(5000)}\n|${'-|'.repeat(5000)}\n|${'x|'.repeat(5000)}\n`,
  asterisks: `${'*'.repeat(100_000)}a`,
  'emphasis that never ends': '*a **b '.repeat(20_000),
  brackets: '['.repeat(100_000),
  'links that never end': '[a]('.repeat(30_000),
  'images that never end': '![['.repeat(30_000),
  'angle brackets': '<'.repeat(100_000),
  'formulas that never end': `${'$a_'.repeat(20_000)}${'\\('.repeat(20_000)}`,
  'fractions in fractions': `$$${'\\frac{'.repeat(300)}$$`,
  'a code line of a megabyte': `\`\`\`js\n${'x'.repeat(1_000_000)}`,
  'code that opens and never closes': `\`\`\`js\n${'`$'.repeat(10_000)}${'/*'.repeat(10_000)}`,
  'code of twenty thousand lines': `\`\`\`js\n${'const x = `a` /* b */\n'.repeat(20_000)}`,
  'two thousand fences': '```js\nx\n```\n'.repeat(2000),
  'thirty thousand items': '- a\n'.repeat(30_000),
  'an item of ten thousand paragraphs': `- a\n${'  para\n\n'.repeat(10_000)}`,
  'blank lines': `a${'\n'.repeat(500_000)}b`,
  'direction overrides': '\u202e'.repeat(500_000),
}

const style = createStyle(detectTerminal({ env: { TERM: 'xterm-256color' }, isTTY: true, columns: 80, rows: 24 }))
const inkOf = (text: string) => text.replace(/\s+/g, '').length

it.each(Object.keys(BOMBS))(
  'renderBlocks(), createMarkdownStream() and codeBlocks() get through %s',
  async (name) => {
    const text = BOMBS[name] ?? ''
    await loadGrammar('js')
    const rendered = renderBlocks(text, style).map(withoutSequences)
    let output = ''
    const stream = createMarkdownStream({
      style,
      rows: 24,
      write: (piece) => {
        output += piece
      },
      schedule: () => () => {},
    })
    for (let from = 0; from < text.length; from += 1000) stream.push(text.slice(from, from + 1000))
    await stream.end()
    codeBlocks(text)
    expect(inkOf(withoutSequences(output))).toBeGreaterThanOrEqual(inkOf(rendered.join('')))
  },
  60_000,
)

it('createBlockReader() keeps no more of a text than its open block', () => {
  const reader = createBlockReader()
  const text = 'A paragraph of some words.\n\n- an item\n- another\n\n```\ncode\n```\n\n| a |\n|---|\n| b |\n\n'.repeat(
    500,
  )
  let longest = 0
  for (let from = 0; from < text.length; from += 7) {
    reader.push(text.slice(from, from + 7))
    const part = reader.open()
    longest = Math.max(longest, part.type === 'blocks' ? part.source.length : part.text.length)
  }
  expect(longest).toBeLessThan(100)
})

it('createBlockReader() never keeps much more than the longest block it reads as Markdown', () => {
  for (const text of [
    'a'.repeat(300_000),
    'word '.repeat(60_000),
    `> ${'q '.repeat(100_000)}`,
    `|a|\n|-|\n${'|b|\n'.repeat(60_000)}`,
  ]) {
    const reader = createBlockReader()
    let longest = 0
    for (let from = 0; from < text.length; from += 1000) {
      reader.push(text.slice(from, from + 1000))
      const part = reader.open()
      longest = Math.max(longest, part.type === 'blocks' ? part.source.length : part.text.length)
    }
    expect(longest).toBeLessThan(MAX_BLOCK + 2000)
  }
})
