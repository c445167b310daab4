// The 0600 file of keys: all or nothing on disk, and no update lost between processes.

import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NatterError } from '../../src/protocol/errors.ts'
import { withFileLock } from './file-lock.ts'

export interface KeyFileContent {
  /** Keys that lie in this file. */
  readonly keys: { readonly [provider: string]: string }
  /** Providers whose key lies in the keychain, so that nobody asks it for the others. */
  readonly keychain: readonly string[]
}

export interface KeyFile {
  read(): Promise<KeyFileContent>
  /** Nobody else writes between reading and writing. Not written where `change` gives back the same object. */
  update(change: (content: KeyFileContent) => KeyFileContent): Promise<void>
}

const EMPTY: KeyFileContent = { keys: {}, keychain: [] }

export function openKeyFile(path: string): KeyFile {
  let known: { readonly state: string; readonly content: KeyFileContent } | null = null
  return {
    // Asked for by every turn: read anew only when the file has changed.
    async read() {
      const state = stateOf(path)
      if (state === null) return EMPTY
      if (known?.state !== state) known = { state, content: await readContent(path) }
      return known.content
    },
    async update(change) {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        await withFileLock(`${path}.lock`, async () => {
          const before = await readContent(path)
          const after = change(before)
          if (after !== before) await write(path, after)
        })
      } catch (cause) {
        if (cause instanceof NatterError) throw cause
        const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'storage-full' : 'storage-failed'
        throw new NatterError(code, `Cannot write keys "${path}": ${reasonOf(cause)}`, { cause })
      }
    },
  }
}

/** Tells versions of the file apart; null where there is none. */
function stateOf(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? null : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.mode}`
  } catch (error) {
    // What is wrong with it, reading will say.
    return String(error)
  }
}

async function readContent(path: string): Promise<KeyFileContent> {
  let text: string
  try {
    await closeToOthers(path)
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY
    throw new NatterError('storage-failed', `Cannot read keys "${path}": ${reasonOf(cause)}`, { cause })
  }
  const content = parse(text)
  if (content !== null) return content
  // No cause: the parser's message quotes the file.
  throw new NatterError('storage-failed', `Cannot read keys "${path}": it is not a file of keys that natter wrote`, {
    hint: `Mend or remove "${path}", then run "natter keys set" again`,
  })
}

/** A file that was copied or restored may have become readable for others. */
async function closeToOthers(path: string): Promise<void> {
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, 0o600)
}

function parse(text: string): KeyFileContent | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { keys = {}, keychain = [] } = value as { keys?: unknown; keychain?: unknown }
  if (typeof keys !== 'object' || keys === null || !Array.isArray(keychain)) return null
  const entries = Object.entries(keys)
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return null
  return { keys: Object.fromEntries(entries), keychain: keychain.filter((name) => typeof name === 'string') }
}

async function write(path: string, content: KeyFileContent): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify({ version: 1, ...content }, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => {})
    throw cause
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
