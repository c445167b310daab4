import { expect, it } from 'vitest'
import { displayWidth } from '../../src/render/width.ts'
import { startAimock } from '../helpers/aimock.ts'
import { createHome } from '../helpers/home.ts'
import { askDemo } from '../src/commands/asked.ts'
import { openTerminal } from '../src/commands/terminal.ts'

const MARKDOWN = `# A rather long title of this document

See https://example.org/a/very/long/link/that/does/not/fit/anywhere and **some** words.

| Name | Meaning | Price per million tokens | Notes |
|---|---|---:|---|
| gpt-5 | a model | 1.25 | context of 400000 |
| claude-sonnet-5-5 | another model with long text | 3.00 | ünïcödé 日本語テキスト |

\`\`\`ts
export function createTokenBucket(rate: Rate, now: () => number): TokenBucket { return null }
\`\`\`

1. first item which is quite long and wraps
   - nested item that wraps too, with \`code\`
     - deeper
       - deeper still, with words

> quoted text that is long enough to wrap in any narrow terminal
> > nested quote with words
`

/** What a line of output takes; those that are redrawn in place count as they are. */
function linesOf(output: string): readonly string[] {
  const text = output.replace(/\u001b\[[0-9;?]*[a-zA-Z]|\u001b\]8;;[^\u001b\u0007]*(?:\u001b\\|\u0007)/g, '')
  return text.split(/[\r\n]+/)
}

/** Notes and errors are sentences, which the terminal breaks as it likes; long words, as paths are, stay whole. */
function tooWide(output: string, columns: number): readonly string[] {
  return linesOf(output).filter(
    (line) => displayWidth(line) > columns && !/^natter: |^ {2}Run |\S{19}/.test(line) && line.trim() !== '',
  )
}

it.each([20, 40, 80])('natter stays within %i columns', async (columns) => {
  await using aimock = await startAimock()
  aimock.mock.prependFixture({ match: { userMessage: 'tables' }, response: { content: MARKDOWN } })
  await using home = createHome({
    providers: { mock: { format: 'openai-chat', baseUrl: aimock.baseUrls['openai-chat'], local: true } },
  })
  const { conversationId } = await askDemo(home, 'a title that is too long for a narrow terminal, by a good deal')
  await askDemo(home, '日本語の長いタイトルがここにあります、そして続く', { words: 30 })
  await home.run(['keys', 'set', 'mock'], { stdin: 'sk-test-0123456789abcdef' })
  const commands = [
    ['-m', 'mock/any', 'tables'],
    ['-m', 'mock/any', 'hello', '--dry-run'],
    ['history'],
    ['history', 'search', 'narrow terminal'],
    ['history', 'show', conversationId],
    ['history', 'show', '日本語'],
    ['models', '--all', 'gpt-5'],
    ['ps'],
    ['doctor'],
    ['keys', 'list'],
    ['daemon', 'status'],
    ['last'],
    ['--help'],
    ['help', 'history', 'export'],
    ['models', '--help'],
    ['tail', '--help'],
  ]
  for (const args of commands) {
    await using terminal = openTerminal(home, args, { columns })
    expect(await terminal.code, args.join(' ')).toBe(0)
    expect(tooWide(terminal.output, columns), args.join(' ')).toEqual([])
  }
})

it('natter ps stays within its terminal while something runs', async () => {
  await using home = createHome({ daemon: { drainSeconds: 0 } })
  await home.run(['-q', '--detach', 'a long title of what runs', '-o', 'words=9000', '-o', 'delayMs=20'])
  for (const columns of [20, 40, 80]) {
    await using terminal = openTerminal(home, ['ps'], { columns })
    expect(await terminal.code).toBe(0)
    expect(tooWide(terminal.output, columns)).toEqual([])
    expect(terminal.output.replace(/\s+/g, ' ')).toContain(columns === 80 ? 'TURN' : 'what runs')
  }
})
