// natter config edit: the file in an editor, checked when it closes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { NatterError } from '../protocol/errors.ts'
import { sanitizeLine } from '../render/sanitize.ts'
import type { CommandContext } from './context.ts'
import { openEditor } from './editor.ts'
import { startFailure } from './natterd/start-failure.ts'
import { canAsk, confirm } from './prompt-user.ts'

export async function editConfig(context: CommandContext): Promise<void> {
  const file = `${context.paths.config}/config.json`
  if (!existsSync(file)) {
    mkdirSync(context.paths.config, { recursive: true, mode: 0o700 })
    writeFileSync(file, '{}\n', { mode: 0o600, flag: 'wx' })
  }
  for (;;) {
    await openEditor(file, context.env)
    const problem = await findProblem(context, file)
    if (problem === null) return context.note(`"${file}" is in order`)
    if (!canAsk(context)) throw problem
    context.stderr.write(`${sanitizeLine(problem.message)}\n`)
    if (!(await confirm(context, 'Edit again?', true))) throw problem
  }
}

async function findProblem(context: CommandContext, file: string): Promise<NatterError | null> {
  const broken = findSyntaxError(file)
  if (broken !== null) return broken
  try {
    await context.client.call('config.get', {}, context.signal)
    return null
  } catch (error) {
    if (!(error instanceof NatterError)) throw error
    if (error.code !== 'daemon-unreachable') return error
    // With broken settings natterd does not even start; what it said first is the reason.
    return new NatterError('invalid-request', startFailure(context.paths) ?? error.message, {
      hint: EDIT,
      cause: error,
    })
  }
}

const EDIT = 'Run "natter config edit" to mend the file'

export function findSyntaxError(file: string): NatterError | null {
  const text = readFileSync(file, 'utf8')
  try {
    JSON.parse(text)
    return null
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return new NatterError('invalid-request', `Cannot read settings "${file}": ${placed(message, text)}`, {
      hint: EDIT,
      cause,
    })
  }
}

/** V8 says where for most errors; at the end of the text it says nothing. */
function placed(message: string, text: string): string {
  if (/line \d+/.test(message)) return message
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
  const before = text.slice(0, position).split('\n')
  return `${message} (line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`
}
