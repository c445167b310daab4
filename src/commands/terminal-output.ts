// An answer on a terminal: rendered Markdown as it comes, and a sign of life until it does.

import { createSanitizer } from '../render/sanitize.ts'
import { createMarkdownStream } from '../render/stream.ts'
import { createStyle } from '../render/style.ts'
import { detectTerminal } from '../render/terminal.ts'
import type { AnswerOutput, OutputOptions } from './answer-output.ts'
import type { CommandContext } from './context.ts'
import { createWaitingLine } from './waiting-line.ts'

export function createTerminalOutput(context: CommandContext, options: OutputOptions): AnswerOutput {
  const { stdout } = context
  const text = options.raw === true ? plainText(stdout) : renderedText(context)
  const waiting = createWaitingLine(context.stderr, options.quiet === true)
  return {
    onDelta(part) {
      if (part.type === 'reasoning-delta') {
        waiting.say('thinking')
        return
      }
      waiting.clear()
      text.push(part.text)
    },
    onEvent(event) {
      if (event.type === 'turn-wait') waiting.say('waiting')
    },
    end: async () => {
      waiting.clear()
      await text.end()
    },
    abort() {
      waiting.clear()
      text.abort()
    },
  }
}

interface TextOutput {
  push(text: string): void
  end(): Promise<void> | void
  abort(): void
}

function renderedText({ stdout, env }: CommandContext): TextOutput {
  const terminal = detectTerminal({ env, isTTY: true, columns: stdout.columns, rows: stdout.rows })
  const stream = createMarkdownStream({
    style: createStyle(terminal),
    rows: terminal.rows,
    write: (data) => stdout.write(data),
  })
  stdout.on('resize', () => stream.resize(stdout.columns, stdout.rows))
  return stream
}

/** As the model wrote it, but for what would command the terminal. */
function plainText(stdout: NodeJS.WriteStream): TextOutput {
  const sanitizer = createSanitizer()
  let last = '\n'
  const write = (text: string) => {
    if (text === '') return
    last = text.slice(-1)
    stdout.write(text)
  }
  const end = () => write(last === '\n' ? '' : '\n')
  return { push: (text) => write(sanitizer.push(text)), end, abort: end }
}
