// Where an export goes: standard output, or a file that is complete or not there.

import { once } from 'node:events'
import type { Stats } from 'node:fs'
import { type FileHandle, link, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { NatterError } from '../../protocol/errors.ts'
import { createSanitizer } from '../../render/sanitize.ts'
import type { CommandContext } from '../context.ts'

export interface Sink extends AsyncDisposable {
  /** Waits while the reader is behind. */
  write(text: string): Promise<void>
  /** Everything was written. Without it no file is left behind. */
  commit(): Promise<void>
}

export interface SinkOptions {
  /** Null or `-`: standard output. */
  readonly file: string | null
  readonly force: boolean
}

export function openSink(context: CommandContext, { file, force }: SinkOptions): Promise<Sink> {
  return file === null || file === '-' ? Promise.resolve(standardOutput(context)) : openFile(file, force)
}

function standardOutput({ stdout, signal }: CommandContext): Sink {
  const sanitizer = stdout.isTTY === true ? createSanitizer() : null
  return {
    async write(text) {
      signal.throwIfAborted()
      if (!stdout.write(sanitizer === null ? text : sanitizer.push(text))) await once(stdout, 'drain', { signal })
    },
    async commit() {
      if (sanitizer !== null) stdout.write(sanitizer.end())
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function openFile(file: string, force: boolean): Promise<Sink> {
  const existing = await look(file)
  if (existing?.isFile() === true && !force) throw taken(file)
  // A device or a pipe is written to, never replaced.
  if (existing !== null && !existing.isFile()) return direct(file)
  const target = existing === null ? file : await realpath(file)
  const partial = `${target}.${process.pid}.part`
  const handle = await translate(file, () => open(partial, 'wx', 0o600))
  let committed = false
  return {
    write: (text) => translate(file, () => handle.appendFile(text)),
    async commit() {
      await translate(file, () => publish({ handle, partial, target, force }))
      committed = true
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
      if (!committed) await rm(partial, { force: true })
    },
  }
}

async function direct(file: string): Promise<Sink> {
  const handle = await translate(file, () => open(file, 'w'))
  return {
    write: (text) => translate(file, () => handle.appendFile(text)),
    commit: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

async function look(file: string): Promise<Stats | null> {
  try {
    return await stat(file)
  } catch {
    // Not there, or not to be seen: opening it tells why.
    return null
  }
}

interface Written {
  readonly handle: FileHandle
  readonly partial: string
  readonly target: string
  readonly force: boolean
}

/** A link, unlike a rename, fails where a file of that name has come up meanwhile. */
async function publish({ handle, partial, target, force }: Written): Promise<void> {
  await handle.sync()
  if (!force && (await linked(partial, target))) await rm(partial)
  else await rename(partial, target)
}

/** False where the file system knows no links. */
async function linked(partial: string, target: string): Promise<boolean> {
  try {
    await link(partial, target)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return false
    throw error
  }
}

const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'what should be its directory is none',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

async function translate<Value>(file: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw taken(file)
    const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))
    throw new NatterError('invalid-request', `Cannot write "${file}": ${reason}`, { cause })
  }
}

function taken(file: string): NatterError {
  return new NatterError('conflict', `Cannot write "${file}": there is a file of that name`, {
    hint: 'Name a new file, or add --force to overwrite it',
  })
}
