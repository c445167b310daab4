// Colours of code: by language, line by line, and the same text whatever happens.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCodeLines } from '../../../src/render/code-lines.ts'
import { highlight } from '../../../src/render/highlight.ts'
import { grammarOf, loadGrammar } from '../../../src/render/languages.ts'

const rolesOf = (source: string, language: string) =>
  highlight(source.split('\n'), language).lines.map((line) => line.map((span) => [span.text, ...span.roles]))

it('loadGrammar() knows languages by the names that fences use, and shrugs at others', async () => {
  for (const name of ['py', 'TypeScript', 'c++', 'sh', 'html', 'tsx', 'php', 'yml', 'dockerfile', 'cs']) {
    await loadGrammar(name)
    expect(grammarOf(name), name).toBeTruthy()
  }
  await loadGrammar('klingon')
  expect(grammarOf('klingon')).toBeNull()
  expect(grammarOf('constructor')).toBeNull()
  expect(grammarOf(null)).toBeNull()
})

it('highlight() colours constructs that span lines on each of them', async () => {
  await loadGrammar('python')
  expect(rolesOf('"""doc\nmore"""\nx = 1', 'python')).toEqual([
    [['"""doc', 'string']],
    [['more"""', 'string']],
    [['x '], ['='], [' '], ['1', 'number']],
  ])
})

it('highlight() gives plain lines for an unknown language and for lines that are too long', async () => {
  await loadGrammar('js')
  expect(rolesOf('const a', 'klingon')).toEqual([[['const a']]])
  expect(highlight(['const a', 'x'.repeat(3000)], 'js').lines[0]).toEqual([{ text: 'const a', roles: [] }])
})

it('highlight() never changes the text', async () => {
  const languages = ['js', 'python', 'html', 'markdown', 'css', 'bash', 'sql', 'php', 'rust', 'yaml']
  for (const language of languages) await loadGrammar(language)
  const code = fc.array(
    fc.constantFrom(
      'a',
      '"',
      "'",
      '`',
      '${',
      '}',
      '/*',
      '*/',
      '//',
      '\n',
      ' ',
      '<b>',
      '</b>',
      '#',
      '"""',
      '{',
      '(',
      '1',
      '\\',
      '=',
      'fn ',
      'if ',
    ),
    {
      maxLength: 60,
    },
  )
  fc.assert(
    fc.property(code, fc.constantFrom(...languages), (parts, language) => {
      const source = parts.join('')
      const { lines } = highlight(source.split('\n'), language)
      expect(lines.map((line) => line.map((span) => span.text).join('')).join('\n')).toBe(source)
    }),
    { numRuns: 1000 },
  )
})

it('createCodeLines() colours the rest of a long comment after its start was let go', async () => {
  await loadGrammar('js')
  const code = createCodeLines('js', [])
  for (const line of ['let a', '/* one', 'two', 'three */', 'let b']) code.push(line)
  expect(code.drop(4 + 5 + 3)).toBe(12)
  expect(code.rows(40).complete.map((row) => row.map((span) => [span.text, ...span.roles]))).toEqual([
    [['three */', 'comment']],
    [['let', 'keyword'], [' b']],
  ])
})
