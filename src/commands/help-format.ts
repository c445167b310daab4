// Help in the width of the terminal: what an option does stands beside it, or below where there is little room.

import type { Command, Help } from 'commander'
import { hang } from '../render/hang.ts'
import { plainSpan, rowText } from '../render/spans.ts'
import { widthFor } from '../render/style.ts'

/** Without a terminal. */
const WIDTH = 80

/** For a program whose commands are not defined yet: they inherit it. */
export function formatHelp(program: Command, stdout: NodeJS.WriteStream): void {
  const columns = stdout.isTTY === true ? stdout.columns : null
  const width = columns === null ? WIDTH : widthFor(columns)
  program.configureHelp({ helpWidth: width, formatItem })
  program.configureOutput({
    // What is no item, and too wide.
    writeOut: (text) => void stdout.write(columns === null ? text : text.split('\n').map(foldLine).join('\n')),
  })

  function formatItem(term: string, termWidth: number, description: string, _helper: Help): string {
    return description === '' ? `  ${term}` : fold(`  ${term.padEnd(termWidth)}  `, description)
  }
  function foldLine(line: string): string {
    const text = line.trimStart()
    return fold(' '.repeat(line.length - text.length), text)
  }
  function fold(label: string, text: string): string {
    return hang([plainSpan(label)], [plainSpan(text)], width)
      .map(rowText)
      .join('\n')
  }
}
