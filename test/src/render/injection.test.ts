// Text from outside never acts on the terminal: no title, clipboard, mode, link or cursor movement but our own.

import { expect, it } from 'vitest'
import { codeBlocks } from '../../../src/render/code-blocks.ts'
import { renderBlocks } from '../../../src/render/markdown.ts'
import { sanitizeLine } from '../../../src/render/sanitize.ts'
import { createMarkdownStream } from '../../../src/render/stream.ts'
import { createStyle } from '../../../src/render/style.ts'
import { detectTerminal } from '../../../src/render/terminal.ts'
import { createScreen } from './screen.ts'

const ESC = '\x1b'
const ENDINGS = ['\x07', `${ESC}\\`, '\x9c', '']

const osc = [
  '0;pwned',
  '2;pwned',
  '52;c;cHduZWQ=',
  '8;;https://evil.test/',
  '1337;File=inline=1:AAAA',
  '9;notify',
  '777;notify;a;b',
  '4;1;red',
  '10;red',
  '11;#000',
  '104',
  '7;file://x',
  '133;A',
  '1337;SetUserVar=a=b',
  '99;;x',
]
const csi = [
  '2J',
  '3J',
  'H',
  '1;1H',
  '10A',
  '99B',
  'K',
  '?25l',
  '?1049h',
  '?1000h',
  '?2004h',
  '?2026h',
  '8m',
  '31m',
  '0m',
  '6n',
  'c',
  '>c',
  '14t',
  '21t',
  '8;1;1t',
  '?1h',
  '4h',
  '20l',
  's',
  'u',
  '1;5r',
  '>4;1m',
  '=1u',
  '5i',
  '100P',
  '9999X',
  '!p',
]
const others = ['c', '7', '8', 'D', 'M', 'E', 'N', 'O', '=', '>', 'Z', '#8', '(0', '%@', ' F', '']

const PAYLOADS: readonly string[] = [
  ...osc.flatMap((body) => ENDINGS.map((ending) => `${ESC}]${body}${ending}`)),
  ...osc.map((body) => `\x9d${body}\x07`),
  ...csi.flatMap((body) => [`${ESC}[${body}`, `\x9b${body}`]),
  ...others.map((body) => ESC + body),
  ...['P', '_', '^', 'X'].flatMap((start) => ENDINGS.map((ending) => `${ESC}${start}q"1;1;1;1#0!10~${ending}`)),
  ...['\x90', '\x98', '\x9e', '\x9f'].map((start) => `${start}Gf=24;AAAA\x9c`),
  ...[
    '\x07',
    '\x08\x08\x08',
    '\r',
    '\rover',
    '\x0b',
    '\x0c',
    '\x00',
    '\x05',
    '\x0e',
    '\x0f',
    '\x11',
    '\x13',
    '\x1a',
    '\x7f',
    '\x85',
    '\x84',
    '\x8d',
    '\x8e',
  ],
  ...[
    '\u202e',
    '\u202d',
    '\u2066',
    '\u2067',
    '\u2069',
    '\u200e',
    '\u200f',
    '\u061c',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u034f',
    '\u180e',
    '\u3164',
  ],
  ...[
    '\u2028',
    '\u2029',
    '\u{e0041}\u{e0042}',
    '\u{e0001}',
    '\u{10eeee}\u0305',
    '\ud83d',
    '\udc00',
    '\u{1d173}',
    '\ufff9',
  ],
  `[click](https://a.test/${ESC}\\${ESC}]0;pwned\x07)`,
  `[click](https://a.test/%1b%5c%07)`,
  `[click](<https://a.test/${ESC}]52;c;AA==\x07>)`,
  `[${ESC}]8;;https://evil.test/${ESC}\\label](https://a.test/)`,
  `![${ESC}[2J](https://a.test/x.png)`,
  '&#27;]0;pwned&#7;',
  '&#x1b;[2J&#x9b;8m&#155;2J',
  '&#x202e;&#8238;',
  `\`${ESC}]0;pwned\x07\``,
  `\`\`\`${ESC}]0;pwned\x07\n${ESC}[2J\n\`\`\``,
  `\`\`\`js\nconst a = "${ESC}]52;c;AAAA\x07"\n\`\`\``,
  `| ${ESC}[8m | b |\n|---|---|\n| ${ESC}]0;x\x07 | y |`,
  `$${ESC}[2J^2$`,
  `\\${ESC}[2J`,
  `<${ESC}]8;;x>`,
  `- [x] ${ESC}[?25l`,
  `1${ESC}[2J. item`,
  `# ${ESC}]0;heading\x07`,
  `> ${ESC}_Gi=1;AAAA${ESC}\\`,
  `[^${ESC}[8m]`,
]

const style = createStyle(detectTerminal({ env: { TERM: 'xterm-kitty' }, isTTY: true, columns: 60, rows: 20 }))

function stream(chunks: readonly string[]): string {
  let output = ''
  let clock = 0
  const open = createMarkdownStream({
    style,
    rows: 20,
    write: (text) => {
      output += text
    },
    now: () => clock,
    schedule: () => () => {},
  })
  for (const chunk of chunks) {
    clock += 40
    open.push(chunk)
  }
  open.abort()
  return output
}

/** What is left of the output when the sequences that are ours are taken out. */
function withoutOwnSequences(output: string): string {
  return output
    .replace(/\x1b\[[0-9;]*m/g, '')
    .replace(/\x1b\]8;;(?:https?:\/\/[\x21-\x7e]+|mailto:[\x21-\x7e]+)?\x1b\\/g, '')
    .replace(/\r\x1b\[\d+A|\r?\x1b\[K|\x1b\[J|\x1b\[\?2026[hl]/g, '')
    .replace(/\r\n/g, '\n')
}

const LIVE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]|\p{Cs}/u

it('createMarkdownStream() lets none of the payloads through, whole or cut anywhere', () => {
  expect(PAYLOADS.length).toBeGreaterThan(220)
  for (const payload of PAYLOADS) {
    const text = `before ${payload} after\n\nfollowing`
    expect(LIVE.test(withoutOwnSequences(stream([text]))), JSON.stringify(payload)).toBe(false)
    for (let cut = 1; cut < payload.length; cut++) {
      const at = 'before '.length + cut
      const output = stream([text.slice(0, at), text.slice(at)])
      expect(LIVE.test(withoutOwnSequences(output)), `${JSON.stringify(payload)} cut at ${cut}`).toBe(false)
      expect(output).toContain('following')
    }
  }
}, 120_000)

it('createMarkdownStream() leaves title, bell, modes and clipboard alone, and shows the text that follows', async () => {
  for (const payload of PAYLOADS) {
    using screen = createScreen(60, 20)
    const { terminal } = screen
    const acts: string[] = []
    terminal.onTitleChange((title) => acts.push(`title ${title}`))
    terminal.onBell(() => acts.push('bell'))
    terminal.onData((data) => acts.push(`answer ${data}`))
    for (const code of [0, 1, 2, 4, 7, 9, 10, 11, 52, 99, 104, 133, 777, 1337]) {
      terminal.parser.registerOscHandler(code, () => acts.push(`osc ${code}`) > 0)
    }
    const modes = JSON.stringify(terminal.modes)
    await screen.write(stream([`before ${payload} after\n\nfollowing`]))
    const seen = screen.lines().join('\n')
    expect(acts, JSON.stringify(payload)).toEqual([])
    expect(JSON.stringify(terminal.modes)).toBe(modes)
    expect(terminal.buffer.active.type).toBe('normal')
    expect(seen).toContain('before')
    expect(seen).toContain('following')
  }
}, 120_000)

it('renderBlocks() links only to addresses that the text names', () => {
  const links = (markdown: string) =>
    Array.from(
      renderBlocks(markdown, style)
        .join('')
        .matchAll(/\x1b\]8;;([^\x1b]+)\x1b/g),
      (match) => match[1],
    )
  // Without its introducer the rest is text like any other, and an address in it is in plain sight.
  expect(links(`${ESC}]8;;https://evil.test/${ESC}\\`)).toEqual(['https://evil.test//'])
  expect(links(`[a](https://a.test/${ESC}b)`)).toEqual(['https://a.test/b'])
  expect(links('[a](javascript:alert) [b](data:text/html,x) [c](file:///x) [d](ssh://x)')).toEqual([])
})

it('sanitizeLine() makes names and messages of the payloads harmless', () => {
  for (const payload of PAYLOADS)
    expect(/[\n\t]/.test(sanitizeLine(`a ${payload} b`)) || LIVE.test(sanitizeLine(payload))).toBe(false)
})

it('codeBlocks() returns the code unchanged, since it goes to a file or a pipe', () => {
  expect(codeBlocks(`\`\`\`\n${ESC}[31m\n\`\`\``)).toEqual([{ language: null, text: `${ESC}[31m` }])
})
