// A text written in the user's own editor.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NatterError } from '../protocol/errors.ts'

/** What the file holds when the editor has closed. VISUAL and EDITOR may carry arguments, as in `code --wait`. */
export async function editText(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'natter-'))
  try {
    const file = join(directory, 'prompt.md')
    writeFileSync(file, text, { mode: 0o600 })
    await openEditor(file, env)
    return readFileSync(file, 'utf8').replace(/\n$/, '')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Resolves when the editor has closed well. */
export function openEditor(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || (process.platform === 'win32' ? 'notepad' : 'vi')
  return new Promise((resolve, reject) => {
    // Through a shell, as git does it: the variable may hold a command line.
    const child = spawn(`${editor} "$NATTER_EDIT_FILE"`, {
      shell: true,
      stdio: 'inherit',
      env: { ...env, NATTER_EDIT_FILE: file },
    })
    child.on('error', (cause) => reject(failure(editor, cause.message)))
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(failure(editor, signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`))
    })
  })
}

function failure(editor: string, reason: string): NatterError {
  return new NatterError('usage', `Cannot edit with "${editor}": ${reason}`, { hint: 'Set VISUAL or EDITOR' })
}
