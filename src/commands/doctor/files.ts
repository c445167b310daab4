// What the doctor sees of natter's files, without natterd: who may read them, and whether the settings are JSON.

import { existsSync, lstatSync } from 'node:fs'
import { findSyntaxError } from '../config-edit.ts'
import type { CommandContext } from '../context.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** The mode of what must be one. */
const DIRECTORY = 0o700

export async function* checkFiles({ paths }: CommandContext): AsyncGenerator<Check> {
  yield* [
    checkPath('config', paths.config, DIRECTORY),
    checkPath('data', paths.data, DIRECTORY),
    checkPath('state', paths.state, DIRECTORY),
    ...(process.platform === 'win32' ? [] : [checkPath('runtime', paths.runtime, DIRECTORY)]),
  ]
  for (const [name, file] of privateFiles(paths)) if (existsSync(file)) yield checkPath(name, file, 0o600)
  yield checkSettings(`${paths.config}/config.json`)
}

function privateFiles(paths: CommandContext['paths']): readonly (readonly [name: string, file: string])[] {
  return [
    ['database', `${paths.data}/natter.db`],
    ['key file', `${paths.config}/keys.json`],
  ]
}

/** Nobody else may read what is in there. */
function checkPath(name: string, path: string, mode: number): Check {
  const stat = look(path)
  if (stat === null) return ok(name, `"${path}" is not there yet`)
  if (process.platform === 'win32') return ok(name, `"${path}"`)
  const uid = process.getuid?.() ?? 0
  if (stat.uid !== uid) {
    return fail(
      name,
      `"${path}" belongs to user ${stat.uid}, not to you (${uid})`,
      `Run "sudo chown -R ${uid} '${path}'"`,
    )
  }
  if (mode === DIRECTORY && !stat.isDirectory()) return fail(name, `"${path}" is no directory`, `Move "${path}" away`)
  const actual = stat.mode & 0o777
  const octal = actual.toString(8).padStart(3, '0')
  if ((actual & ~mode) === 0) return ok(name, `"${path}", mode ${octal}`)
  return warn(name, `"${path}" has mode ${octal}: others can read it`, `Run "chmod ${mode.toString(8)} '${path}'"`)
}

function look(path: string) {
  try {
    return lstatSync(path)
  } catch {
    // Not there: the first command makes it.
    return null
  }
}

function checkSettings(file: string): Check {
  if (!existsSync(file)) return ok('settings', `"${file}" is not there; all settings have their standard values`)
  const problem = findSyntaxError(file)
  return problem === null ? ok('settings', `"${file}" is JSON`) : fail('settings', problem.message, problem.hint)
}
