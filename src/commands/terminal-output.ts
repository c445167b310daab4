// An answer on a terminal: rendered Markdown as it comes, and a sign of life until it does.

import { createPlainStream } from '../render/plain-stream.ts'
import { createMarkdownStream, type MarkdownStream } from '../render/stream.ts'
import { createStyle } from '../render/style.ts'
import { detectTerminal } from '../render/terminal.ts'
import { describeWait } from '../render/wait.ts'
import type { AnswerOutput, OutputOptions } from './answer-output.ts'
import type { CommandContext } from './context.ts'
import { silenceKeys } from './key-echo.ts'
import { createWaitingLine } from './waiting-line.ts'

export function createTerminalOutput(context: CommandContext, options: OutputOptions): AnswerOutput {
  const text = textOutput(context, options.raw === true)
  const waiting = createWaitingLine(context.stderr, options.quiet === true)
  silenceKeys({ onSuspend: text.hide, onResume: text.redraw })
  return {
    onDelta(part) {
      if (part.type === 'reasoning-delta') {
        waiting.say(() => 'thinking')
        return
      }
      waiting.clear()
      text.push(part.text)
    },
    onEvent(event) {
      if (event.type === 'turn-model') waiting.say(() => `asking ${event.model}`)
    },
    onWait: (wait) => waiting.say(() => (wait === null ? '' : describeWait(wait, Date.now()))),
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

function textOutput({ stdout, env }: CommandContext, raw: boolean): MarkdownStream {
  const write = (data: string) => stdout.write(data)
  const terminal = detectTerminal({ env, isTTY: true, columns: stdout.columns, rows: stdout.rows })
  // As the model wrote it, but for what would command the terminal.
  if (raw || !terminal.cursor) return createPlainStream({ write })
  const { rows, columns, reflow } = terminal
  const stream = createMarkdownStream({ style: createStyle(terminal), rows, columns, reflow, write })
  stdout.on('resize', () => stream.resize(stdout.columns, stdout.rows))
  return stream
}
