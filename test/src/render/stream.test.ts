// A stream on a headless terminal shows text at once, never disturbs what it has finished, and ends with the whole text.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadGrammar } from '../../../src/render/languages.ts'
import { renderBlocks } from '../../../src/render/markdown.ts'
import { createMarkdownStream } from '../../../src/render/stream.ts'
import { createStyle } from '../../../src/render/style.ts'
import { detectTerminal } from '../../../src/render/terminal.ts'
import { chunked, markdownDocument, markdownNoise } from './documents.ts'
import { createScreen, inked, withoutSequences } from './screen.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A stream whose clock stands still until it is moved. */
function openStream(columns: number, rows: number) {
  const style = createStyle(detectTerminal({ env: { TERM: 'xterm-256color' }, isTTY: true, columns, rows }))
  const screen = createScreen(columns, rows)
  const writes: string[] = []
  let written = 0
  let clock = 0
  let timers: readonly Timer[] = []
  const stream = createMarkdownStream({
    style,
    rows,
    columns,
    write: (text) => writes.push(text),
    now: () => clock,
    schedule: (callback, ms) => {
      const timer = { at: clock + ms, callback }
      timers = [...timers, timer]
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  })
  return {
    style,
    screen,
    stream,
    writes,
    advance(ms: number) {
      clock += ms
      const due = timers.filter((timer) => timer.at <= clock)
      timers = timers.filter((timer) => timer.at > clock)
      for (const timer of due) timer.callback()
    },
    /** Brings the screen up to date. */
    async settle() {
      await screen.write(writes.slice(written).join(''))
      written = writes.length
    },
    [Symbol.dispose]: () => screen[Symbol.dispose](),
  }
}

async function showStreamed(markdown: string, cuts: readonly number[], columns: number, rows: number) {
  using open = openStream(columns, rows)
  for (const [index, chunk] of chunked(markdown, cuts).entries()) {
    open.advance(index % 3 === 0 ? 10 : 40)
    open.stream.push(chunk)
  }
  await open.stream.end()
  await open.settle()
  return { seen: inked(open.screen.lines()), expected: inked(renderBlocks(markdown, open.style).map(withoutSequences)) }
}

const size = fc.record({ columns: fc.integer({ min: 20, max: 120 }), rows: fc.integer({ min: 6, max: 40 }) })
const cuts = fc.array(fc.nat(5000), { maxLength: 100 })

it('createMarkdownStream() ends with the screen that renderBlocks() describes, for documents', async () => {
  await fc.assert(
    fc.asyncProperty(markdownDocument, cuts, size, async (markdown, places, { columns, rows }) => {
      const { seen, expected } = await showStreamed(markdown, places, columns, rows)
      expect(seen).toEqual(expected)
    }),
    { numRuns: 150 },
  )
}, 120_000)

it('createMarkdownStream() ends with the screen that renderBlocks() describes, for noise', async () => {
  await fc.assert(
    fc.asyncProperty(markdownNoise, cuts, size, async (markdown, places, { columns, rows }) => {
      const { seen, expected } = await showStreamed(markdown, places, columns, rows)
      expect(seen).toEqual(expected)
    }),
    { numRuns: 300 },
  )
}, 120_000)

it('createMarkdownStream() leaves what stood on the screen before, and the cursor below the answer', async () => {
  using open = openStream(40, 8)
  await open.screen.write('$ natter hello\r\n')
  for (const character of '# Title\n\n- one\n- two\n\nThe **end**.') {
    open.advance(40)
    open.stream.push(character)
  }
  await open.stream.end()
  await open.settle()
  expect(open.screen.lines().slice(0, 8)).toEqual(['$ natter hello', 'Title', '', '• one', '• two', '', 'The end.', ''])
  const { cursorX, cursorY } = open.screen.terminal.buffer.active
  expect({ cursorX, cursorY }).toEqual({ cursorX: 0, cursorY: 7 })
})

it('createMarkdownStream() wipes away what the terminal echoes of keys while it streams', async () => {
  using open = openStream(40, 8)
  for (const [index, chunk] of ['One ', 'two.\n\n', 'Three ', 'four\n\n', '- five', ' six'].entries()) {
    open.advance(40)
    open.stream.push(chunk)
    await open.settle()
    await open.screen.write(`typed${index}`)
  }
  open.stream.abort()
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['One two.', 'Three four', '• five six'])
  expect(open.screen.terminal.buffer.active.cursorX).toBe(0)
})

it('createMarkdownStream() draws the open block again below what others wrote, and overwrites none of it', async () => {
  using open = openStream(40, 12)
  open.stream.push('Done.\n\n- one\n- two')
  await open.settle()
  await open.screen.write('[1]+  Stopped\r\n$ fg\r\nnatter x\r\n')
  open.advance(40)
  open.stream.redraw()
  open.advance(40)
  open.stream.push('\n- three')
  await open.stream.end()
  await open.settle()
  const shown = ['Done.', '• one', '• two', '[1]+  Stopped', '$ fg', 'natter x', '• one', '• two', '• three']
  expect(inked(open.screen.lines())).toEqual(shown)
})

it('createMarkdownStream() shows the first character at once, and later ones at most every 33 ms', () => {
  using open = openStream(40, 8)
  open.stream.push('H')
  expect(open.writes).toEqual(['\r\x1b[KH\r\n'])
  open.stream.push('e')
  open.advance(32)
  expect(open.writes).toHaveLength(1)
  open.advance(1)
  expect(open.writes.at(-1)).toContain('He')
  open.advance(1000)
  expect(open.writes).toHaveLength(2)
})

it('createMarkdownStream() writes a finished block once', () => {
  using open = openStream(60, 24)
  for (const chunk of ['First paragraph.\n\nSec', 'ond ', 'paragraph ', 'that grows']) {
    open.advance(40)
    open.stream.push(chunk)
  }
  expect(open.writes.filter((text) => text.includes('First'))).toHaveLength(1)
})

it('createMarkdownStream() never moves the cursor above the screen', async () => {
  await fc.assert(
    fc.asyncProperty(markdownDocument, fc.integer({ min: 3, max: 12 }), async (markdown, rows) => {
      using open = openStream(50, rows)
      for (const chunk of markdown.match(/[\s\S]{1,9}/g) ?? []) {
        open.advance(40)
        open.stream.push(chunk)
      }
      await open.stream.end()
      const moves = open.writes.join('').matchAll(/\x1b\[(\d+)A/g)
      expect(Math.max(0, ...Array.from(moves, (move) => Number(move[1])))).toBeLessThan(rows)
    }),
    { numRuns: 30 },
  )
}, 120_000)

it.each([
  ['a **bold', 'a bold'],
  ['a **bold*', 'a bold'],
  ['a **', 'a'],
  ['some `code', 'some `code`'],
  ['see [the docs](https://exa', 'see the docs'],
  ['see [the do', 'see the do'],
  ['text\n\n```', 'text'],
  ['```py', '── py'],
  ['```py\nx = 1\n``', '── py|x = 1'],
  ['| a | b |\n|--', '| a | b |'],
  ['| a | b |\n|---|---|\n| 1 | **2', 'a │ b|──┼──|1 │ 2'],
  ['- item\n-', '• item'],
  ['text\n--', 'text'],
  ['# ', ''],
  ['- a\n\n  ```js\n  x ** 2', '• a|  ── js|  x ** 2'],
])('createMarkdownStream() shows the unfinished %j as %j', async (markdown, expected) => {
  using open = openStream(40, 20)
  const style = createStyle(detectTerminal({ env: { TERM: 'xterm', NO_COLOR: '1' }, isTTY: true, columns: 40 }))
  const writes: string[] = []
  const stream = createMarkdownStream({ style, rows: 20, write: (text) => writes.push(text), schedule: () => () => {} })
  stream.push(markdown)
  await open.screen.write(writes.join(''))
  expect(inked(open.screen.lines()).join('|')).toBe(expected)
})

it('createMarkdownStream() gives out the lines of long code while the block is open', async () => {
  using open = openStream(60, 10)
  open.stream.push('```\n')
  for (let line = 1; line <= 50; line++) {
    open.advance(40)
    open.stream.push(`line ${line}\n`)
  }
  await open.settle()
  const seen = inked(open.screen.lines())
  expect(seen).toEqual(['──', ...Array.from({ length: 50 }, (_line, index) => `line ${index + 1}`)])
})

it('createMarkdownStream() keeps the items of a long list in the scrollback while it is open', async () => {
  using open = openStream(60, 6)
  for (let item = 1; item <= 30; item++) {
    open.advance(40)
    open.stream.push(`${item}. item ${item}\n`)
  }
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(
    Array.from({ length: 30 }, (_item, index) => `${index + 1}. item ${index + 1}`),
  )
})

it('createMarkdownStream() shows the end of a block that is taller than the screen and may still change', async () => {
  using open = openStream(40, 6)
  open.stream.push(
    `| a | b |\n|---|---|\n${Array.from({ length: 20 }, (_row, index) => `| ${index} | x |\n`).join('')}`,
  )
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['15 │ x', '16 │ x', '17 │ x', '18 │ x', '19 │ x'])
  await open.stream.end()
  await open.settle()
  expect(inked(open.screen.lines())).toHaveLength(22)
})

it('createMarkdownStream() writes as much for a late delta as for an early one', async () => {
  await loadGrammar('ts')
  using open = openStream(80, 24)
  const sizes: number[] = []
  open.stream.push('```ts\n')
  for (let line = 0; line < 600; line++) {
    open.advance(40)
    const before = open.writes.length
    open.stream.push('const value = compute(1, "two")\n')
    sizes.push(open.writes.slice(before).join('').length)
  }
  expect(Math.max(...sizes.slice(-100))).toBeLessThan(2 * Math.max(...sizes.slice(30, 130)))
}, 120_000)

it('abort() writes what there is and resets the colours', async () => {
  using open = openStream(40, 8)
  open.stream.push('some **bold te')
  open.stream.push('xt')
  open.stream.abort()
  open.stream.push('ignored')
  await open.stream.end()
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['some **bold text'])
  expect(open.writes.join('').endsWith('\x1b[0m')).toBe(true)
})

it('end() colours code even when its grammar was still being read', async () => {
  using open = openStream(40, 8)
  open.stream.push('```swift\nlet a = 1\n```\n')
  await open.stream.end()
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['── swift', 'let a = 1', '──'])
  const cell = open.screen.terminal.buffer.active.getLine(1)?.getCell(0)
  expect(cell?.isFgPalette()).toBe(true)
})

const prose = fc
  .array(fc.constantFrom('alpha', 'beta', 'gamma', 'delta', '漢字', '**bold**', '`code`'), {
    minLength: 1,
    maxLength: 30,
  })
  .map((list) => list.join(' '))
const resizable = fc
  .array(
    fc.oneof(
      prose,
      fc.array(prose, { minLength: 1, maxLength: 8 }).map((items) => items.map((item) => `- ${item}`).join('\n')),
      fc
        .array(fc.constantFrom('x = 1', '', 'a longer line of code'), { maxLength: 25 })
        .map((code) => `\`\`\`\n${code.join('\n')}\n\`\`\``),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((blocks) => blocks.join('\n\n'))

it('resize() keeps every character once when the height of the window changes', async () => {
  await fc.assert(
    fc.asyncProperty(
      resizable,
      fc.array(fc.integer({ min: 6, max: 30 }), { minLength: 1, maxLength: 5 }),
      async (markdown, heights) => {
        using open = openStream(50, 16)
        const chunks = markdown.match(/[\s\S]{1,40}/g) ?? []
        for (const [index, chunk] of chunks.entries()) {
          open.advance(40)
          open.stream.push(chunk)
          const rows = heights[index]
          if (rows === undefined) continue
          await open.settle()
          open.screen.resize(50, rows)
          open.stream.resize(50, rows)
        }
        await open.stream.end()
        await open.settle()
        expect(inked(open.screen.lines())).toEqual(inked(renderBlocks(markdown, open.style).map(withoutSequences)))
      },
    ),
    { numRuns: 100 },
  )
}, 120_000)

it('resize() goes on in the new width and leaves no pieces of the old lines', async () => {
  using open = openStream(80, 20)
  const text = 'A paragraph that is long enough to fill more than one line, whatever the width of the window may be. '
  open.stream.push(`Done.\n\n${text}`)
  await open.settle()
  for (const columns of [60, 45, 30, 70]) {
    open.screen.resize(columns, 20)
    open.stream.resize(columns, 20)
    await open.settle()
  }
  open.advance(40)
  open.stream.push('The end.')
  await open.stream.end()
  await open.settle()
  const style = { ...open.style, width: 69 }
  expect(inked(open.screen.lines())).toEqual(
    inked(renderBlocks(`Done.\n\n${text}The end.`, style).map(withoutSequences)),
  )
})

it('hide() lets nothing be drawn until redraw()', async () => {
  using open = openStream(40, 12)
  open.stream.push('Done.\n\n- one')
  open.advance(40)
  open.stream.hide()
  open.stream.push('\n- two')
  open.advance(1_000)
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['Done.'])
  open.stream.redraw()
  open.advance(40)
  await open.stream.end()
  await open.settle()
  expect(inked(open.screen.lines())).toEqual(['Done.', '• one', '• two'])
})
