// Markdown documents for property tests: well-formed ones, and strings of nothing but Markdown's own characters.

import fc from 'fast-check'

const words = fc.constantFrom(
  'the',
  'quick',
  'brown',
  'fox',
  'jumps',
  'over',
  'configuration',
  'a',
  'of',
  '漢字仮名交じり文',
  '한국어',
  '😀',
  '👨‍👩‍👧',
  'e\u0301',
  'https://example.com/path?q=1',
  'snake_case_name',
  '2*3',
  '$5',
  'x^2',
  'word,',
  'end.',
  '(paren)',
  'a|b',
  '#tag',
  '1.',
  '-',
)
const sentence = fc.array(words, { minLength: 1, maxLength: 14 }).map((list) => list.join(' '))
const inline = fc.oneof(
  { weight: 5, arbitrary: sentence },
  sentence.map((text) => `**${text}**`),
  sentence.map((text) => `*${text}*`),
  sentence.map((text) => `~~${text}~~`),
  sentence.map((text) => `\`${text.replaceAll('`', '')}\``),
  sentence.map((text) => `[${text}](https://example.org/x)`),
  fc.constantFrom(
    '**open',
    '`open',
    '[label](http',
    '$x_1 + y^2$',
    '\\(\\alpha\\)',
    '![alt](https://i.example/p.png)',
    '<b>',
    '&amp;',
  ),
)
const line = fc.array(inline, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '))
const paragraph = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'))
const heading = fc.tuple(fc.integer({ min: 1, max: 6 }), line).map(([depth, text]) => `${'#'.repeat(depth)} ${text}`)
const codeLine = fc.constantFrom(
  'const x = 1',
  '',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code as a model writes it
  '  return `a${b}c`',
  '/* open',
  'close */',
  '"""',
  'x'.repeat(60),
  '\tindented',
  '# note',
  '``',
  '- item',
  '漢字 = 1',
)
const fence = fc
  .tuple(
    fc.constantFrom('', 'ts', 'python', 'unknownlang', 'js title=x'),
    fc.array(codeLine, { maxLength: 30 }),
    fc.constantFrom('```', '````', '~~~'),
  )
  .map(([info, lines, mark]) => [`${mark}${info}`, ...lines, mark].join('\n'))
const indentLines = (text: string, indent: string) =>
  text
    .split('\n')
    .map((part) => (part === '' ? '' : indent + part))
    .join('\n')
const item = fc.oneof(
  { weight: 4, arbitrary: line },
  paragraph,
  fc.tuple(line, fence).map(([text, code]) => `${text}\n\n${code}`),
)
const bullets = fc
  .tuple(
    fc.array(fc.tuple(item, fc.array(line, { maxLength: 2 })), { minLength: 1, maxLength: 8 }),
    fc.constantFrom('\n', '\n\n'),
  )
  .map(([items, gap]) =>
    items
      .map(([text, nested]) =>
        [`- ${indentLines(text, '  ').slice(2)}`, ...nested.map((part) => `  - ${part}`)].join('\n'),
      )
      .join(gap),
  )
const numbered = fc
  .tuple(fc.integer({ min: 1, max: 98 }), fc.array(item, { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\n\n'))
  .map(([start, items, gap]) =>
    items.map((text, index) => `${start + index}. ${indentLines(text, '    ').slice(4)}`).join(gap),
  )
const cell = sentence.map((text) => text.replaceAll('|', '/').split(' ').slice(0, 5).join(' '))
const table = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
  )
  .map(([columns, rows]) => {
    const toLine = (cells: readonly string[]) => `| ${cells.slice(0, columns).join(' | ')} |`
    const [head = [], ...body] = rows
    return [toLine(head), toLine(['---', ':--', '--:', ':-:']), ...body.map(toLine)].join('\n')
  })
const simple = fc.oneof(
  { weight: 4, arbitrary: paragraph },
  heading,
  fence,
  bullets,
  numbered,
  table,
  fc.constantFrom('---', '***', '    indented code\n    more'),
)
const quote = fc.array(simple, { minLength: 1, maxLength: 2 }).map((blocks) => indentLines(blocks.join('\n\n'), '> '))
const block = fc.oneof({ weight: 6, arbitrary: simple }, quote)

/** Answers as models write them. */
export const markdownDocument = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => blocks.join('\n\n'))

/** Anything that Markdown might take for something. */
export const markdownNoise = fc
  .array(
    fc.constantFrom(
      '\n',
      '\n',
      '\n\n',
      ' ',
      '  ',
      '    ',
      '- ',
      '* ',
      '1. ',
      '2. ',
      '> ',
      '# ',
      '## ',
      '```',
      '~~~',
      '`',
      '``',
      '**',
      '*',
      '_',
      '~~',
      '|',
      '| a | b |\n',
      '|---|---|\n',
      ':-',
      '---',
      '===',
      '[',
      ']',
      '(',
      ')',
      '![',
      '<',
      '>',
      '<div>',
      '\\',
      '$',
      '$$',
      'a',
      'word ',
      'two words',
      '漢',
      '😀',
      '[x] ',
      '[^1]',
      ':',
      'http://a.b',
      '-',
      '+',
      '=',
      '\t',
      '&#27;',
      '&lt;',
      'long text with several words in a row ',
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

/** The text in pieces, cut at random. */
export function chunked(text: string, cuts: readonly number[]): readonly string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((one, other) => one - other)
  return [0, ...places].map((place, index, all) => text.slice(place, all[index + 1] ?? text.length))
}
