// How Markdown looks on a terminal: as text without colours, and with the sequences where they matter.

import { expect, it } from 'vitest'
import { loadLanguages, renderBlocks } from '../../../src/render/markdown.ts'
import { createStyle } from '../../../src/render/style.ts'
import { detectTerminal } from '../../../src/render/terminal.ts'
import { reservedWidth } from '../../../src/render/width.ts'
import { withoutSequences } from './screen.ts'

const styleFor = (columns: number, env: Record<string, string> = { TERM: 'xterm-256color' }) =>
  createStyle(detectTerminal({ env, isTTY: true, columns }))

/** The lines as they look, framed by newlines so that a snapshot can show them at the margin. */
const show = (markdown: string, columns = 61) =>
  `\n${renderBlocks(markdown, styleFor(columns)).map(withoutSequences).join('\n')}\n`

it('renderBlocks() lays out headings, paragraphs and inline styles', () => {
  expect(
    show(`# Title

A paragraph with **bold**, *italic*, ~~struck~~ text and \`code\` that is long enough to wrap.
A line of its own.

## Section ##
Text right below, with a snake_case_name and 2 * 3 * 4.`),
  ).toMatchInlineSnapshot(`
    "
    Title

    A paragraph with bold, italic, struck text and code that is
    long enough to wrap.
    A line of its own.

    Section

    Text right below, with a snake_case_name and 2 * 3 * 4.
    "
  `)
})

it('renderBlocks() lays out lists, nested, numbered and with tasks', () => {
  expect(
    show(`- one that is long enough to be wrapped onto a second line here
- two
  - nested
    1. deep

       with a paragraph
- [ ] open
- [x] done

9. nine
10. ten

* loose

* items`),
  ).toMatchInlineSnapshot(`
    "
    • one that is long enough to be wrapped onto a second line
      here
    • two
      ◦ nested
        1. deep

           with a paragraph
    [ ] open
    [x] done

    9. nine
    10. ten

    • loose

    • items
    "
  `)
})

it('renderBlocks() lays out quotes', () => {
  expect(
    show('> A quote that is long enough to be wrapped, with the bar on both lines.\n> > nested\n>\n> - item'),
  ).toMatchInlineSnapshot(`
    "
    │ A quote that is long enough to be wrapped, with the bar on
    │ both lines.
    │ 
    │ │ nested
    │ 
    │ ◦ item
    "
  `)
})

const table = `| Name | Count | Note |
|:-----|------:|:----:|
| alpha | 1 | 漢字 |
| beta | 22 | a **longer** note with words |`

it('renderBlocks() aligns a table that fits', () => {
  expect(show(table)).toMatchInlineSnapshot(`
    "
    Name  │ Count │           Note
    ──────┼───────┼─────────────────────────
    alpha │     1 │           漢字
    beta  │    22 │ a longer note with words
    "
  `)
})

it('renderBlocks() narrows the columns of a table that nearly fits', () => {
  expect(show(table, 36)).toMatchInlineSnapshot(`
    "
    Name  │ Count │        Note
    ──────┼───────┼────────────────────
    alpha │     1 │        漢字
    ──────┼───────┼────────────────────
    beta  │    22 │ a longer note with
          │       │        words
    "
  `)
})

it('renderBlocks() shows one record per row when a table is far too wide', () => {
  expect(show(table, 22)).toMatchInlineSnapshot(`
    "
    Name: alpha
    Count: 1
    Note: 漢字

    Name: beta
    Count: 22
    Note: a longer note
    with words
    "
  `)
})

it('renderBlocks() shows code at the margin, wrapped, with its language', () => {
  expect(
    show(
      '```python title=x\ndef f():\n\treturn "a string that is too long for this narrow window, really"\n```\n\n    indented\n\n```\nopen',
    ),
  ).toMatchInlineSnapshot(`
    "
    ── python
    def f():
        return "a string that is too long for this narrow window
    , really"
    ──

    ──
    indented
    ──

    ──
    open
    ──
    "
  `)
})

it('renderBlocks() shows links, images, footnotes, rules, HTML and entities as text', () => {
  expect(
    show(`[label](https://example.com/path) https://nodejs.org <me@example.org> [x](javascript:alert(1))
![a cat](https://img.example/cat.png) ![](data:image/png;base64,AAAA) <b>tag</b> &lt;ok&gt; &copy;
A note[^1] and [a reference][ref].

---

[^1]: The note.
[ref]: https://example.com/ref`),
  ).toMatchInlineSnapshot(`
    "
    label (https://example.com/path) https://nodejs.org
    me@example.org x (javascript:alert(1))
    [image: a cat] (https://img.example/cat.png) [image]
    (data:image/png) <b>tag</b> <ok> ©
    A note[1] and [a reference][ref].

    ────────────────────────────────────────

    [1]: The note.
    [ref]: https://example.com/ref
    "
  `)
})

it('renderBlocks() shows simple formulas without their delimiters, and leaves money alone', () => {
  expect(
    show(
      'Energy $E = mc^2$, \\(\\frac{a+b}{2} \\le \\sqrt{x_1}\\), $\\alpha \\to \\infty$.\nIt costs $5 or $10, $x$ or US$ 7.\n\n$$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$$',
    ),
  ).toMatchInlineSnapshot(`
    "
    Energy E = mc², (a+b)/2 ≤ √x₁, α → ∞.
    It costs $5 or $10, x or US$ 7.

    ∑ᵢ₌₁ⁿ i = (n(n+1))/2
    "
  `)
})

it('renderBlocks() wraps by columns, between CJK characters but not before their punctuation', () => {
  expect(
    show('漢字仮名交じり文は、語の間に空白がない。だから文字の間で折り返す。「引用」も。', 21),
  ).toMatchInlineSnapshot(`
    "
    漢字仮名交じり文は、
    語の間に空白がない。
    だから文字の間で折り
    返す。「引用」も。
    "
  `)
})

it('renderBlocks() keeps every line within the width', () => {
  const text = `${table}\n\n- 👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧 ${'漢'.repeat(50)}\n  - ${'a'.repeat(99)}\n\n> > > > > > > > > deep quote with words`
  for (const columns of [10, 20, 33, 80]) {
    for (const line of renderBlocks(text, styleFor(columns))) {
      expect(reservedWidth(withoutSequences(line))).toBeLessThan(columns)
    }
  }
})

it('renderBlocks() makes links that open, and shows the host they lead to', () => {
  const kitty = styleFor(80, { TERM: 'xterm-kitty', NO_COLOR: '1' })
  const [line] = renderBlocks('[docs](https://example.com/a?b=1) [example.com](https://evil.test/)', kitty)
  expect(line).toBe(
    '\x1b]8;;https://example.com/a?b=1\x1b\\\x1b[4mdocs\x1b[0m\x1b]8;;\x1b\\\x1b[2m (example.com)\x1b[0m ' +
      '\x1b]8;;https://evil.test/\x1b\\\x1b[4mexample.com\x1b[0m\x1b]8;;\x1b\\\x1b[2m (evil.test)\x1b[0m',
  )
})

it('renderBlocks() shows the true host of an address that pretends another', () => {
  const kitty = styleFor(80, { TERM: 'xterm-kitty', NO_COLOR: '1' })
  const shown = (markdown: string) => renderBlocks(markdown, kitty).map(withoutSequences).join('\n')
  expect(shown('<https://apple.com@evil.test/>')).toBe('https://apple.com@evil.test/ (evil.test)')
  expect(shown('<https://\u0430pple.com/>')).toBe('https://\u0430pple.com/ (xn--pple-43d.com)')
  expect(shown('[a](javascript:x) [b](file:///etc/passwd)')).toBe('a (javascript:x) b (file:///etc/passwd)')
  expect(renderBlocks('[a](javascript:x) [b](file:///etc/passwd)', kitty).join('')).not.toContain('\x1b]8')
})

it('renderBlocks() colours code once its language is loaded', async () => {
  const markdown = '```js\nconst a = "b" // c\n```'
  await loadLanguages(markdown)
  const style = styleFor(80, { TERM: 'xterm' })
  expect(renderBlocks(markdown, style)[1]).toBe('\x1b[35mconst\x1b[0m a = \x1b[32m"b"\x1b[0m \x1b[90m// c\x1b[0m')
})

it('renderBlocks() prints plain text where the terminal knows no attributes', () => {
  const dumb = styleFor(80, { TERM: 'dumb' })
  expect(renderBlocks('# T\n\n**b** `c` [l](https://a.example/)', dumb)).toEqual([
    'T',
    '',
    'b `c` l (https://a.example/)',
  ])
})

it('renderBlocks() gives nothing for nothing', () => {
  expect(renderBlocks('', styleFor(80))).toEqual([])
  expect(renderBlocks('\n \n\n', styleFor(80))).toEqual([])
})
