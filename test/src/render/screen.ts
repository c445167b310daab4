// A terminal without a window: what is written to it, and what a person would see.

import xterm from '@xterm/headless'

export interface Screen extends Disposable {
  write(text: string): Promise<void>
  resize(columns: number, rows: number): void
  /** Every line from the top of the scrollback, without trailing blanks. */
  lines(): readonly string[]
  /** The lines that the window shows. */
  visible(): readonly string[]
  readonly terminal: InstanceType<typeof xterm.Terminal>
}

export function createScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 20_000, allowProposedApi: true })
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    resize: (nextColumns, nextRows) => terminal.resize(nextColumns, nextRows),
    lines: () => readLines(0, terminal.buffer.active.length),
    visible: () => readLines(terminal.buffer.active.baseY, terminal.buffer.active.baseY + terminal.rows),
    terminal,
    [Symbol.dispose]: () => terminal.dispose(),
  }

  function readLines(from: number, to: number): readonly string[] {
    const lines: string[] = []
    for (let index = from; index < to; index++) {
      lines.push(terminal.buffer.active.getLine(index)?.translateToString(true) ?? '')
    }
    return lines
  }
}

/** Lines that show something, without the blanks at their ends. */
export function inked(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '')
}

/** A line as it looks, without the sequences that colour it. */
export function withoutSequences(line: string): string {
  return line.replace(/\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\/g, '')
}
