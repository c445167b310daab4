// Questions to the person at the terminal: yes or no, and secrets that are not shown.

import { NatterError } from '../protocol/errors.ts'
import type { CommandContext } from './context.ts'
import { createSecretEditor } from './secret-editor.ts'

/** What comes so soon after the end of a secret was pasted with it: it is shown to nobody, and no shell runs it. */
const PASTE_MS = 50

type Asking = Pick<CommandContext, 'stdout' | 'stderr' | 'signal'>

/** Whether somebody can be asked. */
export function canAsk({ stdout, stderr }: Asking): boolean {
  return process.stdin.isTTY === true && (stderr.isTTY === true || stdout.isTTY === true)
}

/** Asks on the terminal; `standard` is the answer to a bare Enter. The end of input means no. */
export async function confirm(context: Asking, question: string, standard = false): Promise<boolean> {
  const answer = await readLine(context, `${question} [${standard ? 'Y/n' : 'y/N'}] `)
  if (answer === null) return false
  const word = answer.trim().toLowerCase()
  return word === '' ? standard : word === 'y' || word === 'yes'
}

function readLine(context: Asking, question: string): Promise<string | null> {
  return withInput(context, question, (settle) => {
    let line = ''
    return (text) => {
      line += text
      if (line.includes('\n')) settle(line.slice(0, line.indexOf('\n')))
    }
  })
}

/** A line that is not shown while it is typed or pasted; null where the person left without one. */
export async function askSecret(context: Asking, question: string): Promise<string | null> {
  const input = process.stdin
  input.setRawMode(true)
  try {
    return await withInput(context, question, (settle) => {
      const editor = createSecretEditor()
      let rest: NodeJS.Timeout | null = null
      return (text) => {
        if (rest !== null) return void rest.refresh()
        const step = editor.push(text)
        switch (step.type) {
          case 'more':
            return
          case 'done':
            rest = setTimeout(() => settle(step.text), PASTE_MS)
            return
          case 'left':
            return settle(null)
          case 'interrupted':
            // Raw mode keeps the terminal from sending it.
            process.kill(process.pid, 'SIGINT')
        }
      }
    })
  } finally {
    input.setRawMode(false)
    promptStream(context).write('\n')
  }
}

type Reader = (settle: (line: string | null) => void) => (text: string) => void

function withInput(context: Asking, question: string, createReader: Reader): Promise<string | null> {
  if (!canAsk(context)) {
    return Promise.reject(new NatterError('usage', `Cannot ask "${question.trim()}": there is no terminal`))
  }
  const input = process.stdin
  const { signal } = context
  return new Promise((resolve, reject) => {
    const read = createReader((line) => finish(() => resolve(line)))
    const onEnd = () => finish(() => resolve(null))
    const onAbort = () => finish(() => reject(signal.reason))
    input.setEncoding('utf8')
    input.on('data', read)
    input.on('end', onEnd)
    signal.addEventListener('abort', onAbort)
    promptStream(context).write(question)
    input.resume()
    if (signal.aborted) onAbort()

    function finish(settle: () => void): void {
      input.off('data', read)
      input.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      input.pause()
      settle()
    }
  })
}

function promptStream({ stdout, stderr }: Asking): NodeJS.WriteStream {
  return stderr.isTTY === true ? stderr : stdout
}
