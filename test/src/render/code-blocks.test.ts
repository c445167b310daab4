// The code of an answer, found the same way as the screen shows it.

import fc from 'fast-check'
import type { Token, Tokens } from 'marked'
import { expect, it } from 'vitest'
import { type CodeBlock, codeBlocks } from '../../../src/render/code-blocks.ts'
import { languageOf } from '../../../src/render/fence.ts'
import { lexBlocks } from '../../../src/render/lexer.ts'
import { markdownDocument } from './documents.ts'

function codeOf(tokens: readonly Token[]): readonly CodeBlock[] {
  return tokens.flatMap((token): readonly CodeBlock[] => {
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => codeOf(item.tokens))
    if (token.type === 'blockquote') return codeOf((token as Tokens.Blockquote).tokens)
    if (token.type !== 'code') return []
    const { text, lang, codeBlockStyle } = token as Tokens.Code
    return [{ language: codeBlockStyle === 'indented' ? null : languageOf(lang), text }]
  })
}

const trimmed = (blocks: readonly CodeBlock[]) =>
  blocks.map(({ language, text }) => ({ language, text: text.trimEnd() }))

// marked gives tabs inside the fences of lists back as spaces.
const untabbed = markdownDocument.map((markdown) => markdown.replaceAll('\t', '    '))

it('codeBlocks() finds what the Markdown parser finds', () => {
  fc.assert(
    fc.property(untabbed, (markdown) => {
      expect(trimmed(codeBlocks(markdown))).toEqual(trimmed(codeOf(lexBlocks(markdown) ?? [])))
    }),
    { numRuns: 1000 },
  )
})

it('codeBlocks() finds what the Markdown parser finds in a text cut off anywhere', () => {
  fc.assert(
    fc.property(untabbed, fc.nat(2000), (markdown, length) => {
      const cut = markdown.slice(0, length)
      expect(trimmed(codeBlocks(cut))).toEqual(trimmed(codeOf(lexBlocks(cut) ?? [])))
    }),
    { numRuns: 1000 },
  )
})

it.each<[string, string, readonly CodeBlock[]]>([
  ['a fence with a language', '```ts title="x"\nconst a = 1\n```', [{ language: 'ts', text: 'const a = 1' }]],
  ['an unfinished fence', 'text\n~~~\na\n\nb', [{ language: null, text: 'a\n\nb' }]],
  ['a longer fence around a shorter one', '````md\n```js\nx\n```\n````', [{ language: 'md', text: '```js\nx\n```' }]],
  ['a fence that tildes do not close', '```\n~~~\n```', [{ language: null, text: '~~~' }]],
  ['a fence in a list', '1. one\n\n   ```sh\n   ls\n     -l\n   ```\n2. two', [{ language: 'sh', text: 'ls\n  -l' }]],
  ['a fence in a quote', '> ```\n> a\n> ```\n> b', [{ language: null, text: 'a' }]],
  ['a fence that ends with its list', '- ```\n  a\n\nb', [{ language: null, text: 'a\n' }]],
  ['indented code', 'text\n\n    a\n\n      b\n\ntext', [{ language: null, text: 'a\n\n  b' }]],
  ['tabs kept in a fence', 'make:\n```make\nall:\n\tgo build\n```', [{ language: 'make', text: 'all:\n\tgo build' }]],
  ['no code in an indented paragraph', 'a\n    b', []],
  ['no fence with a backtick in its info', '``` a`b\nc', []],
  ['CRLF line ends', '```\r\na\r\n```\r\n', [{ language: null, text: 'a' }]],
  ['an empty fence', '```js\n```', [{ language: 'js', text: '' }]],
  ['nothing', '', []],
])('codeBlocks() finds %s', (_name, markdown, expected) => {
  expect(codeBlocks(markdown)).toEqual(expected)
})
