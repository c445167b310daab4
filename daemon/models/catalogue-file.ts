// What was fetched from models.dev, kept on disk for the next start.

import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NatterError } from '../../src/protocol/errors.ts'
import type { Source } from './catalogue-entry.ts'
import { readModelsDev, trimModelsDev } from './models-dev.ts'

export interface FetchedPrices {
  readonly source: Source
  /** `YYYY-MM-DD`. */
  readonly date: string
}

/** Null where there is none or it is broken: then the shipped prices are used, and the next refresh replaces it. */
export async function readCatalogueFile(file: string, today: string): Promise<FetchedPrices | null> {
  let stored: unknown
  try {
    stored = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
  if (typeof stored !== 'object' || stored === null) return null
  const { fetchedOn, providers } = stored as { fetchedOn?: unknown; providers?: unknown }
  const trimmed = trimModelsDev(providers)
  if (trimmed === null || typeof fetchedOn !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(fetchedOn)) return null
  // A clock that was wrong then must not make old prices look new.
  return { source: readModelsDev(trimmed), date: fetchedOn < today ? fetchedOn : today }
}

/** Parses an answer of models.dev and keeps it; throws a NatterError and changes nothing where it is not one. */
export async function keepAnswer(file: string, url: string, answer: string, today: string): Promise<FetchedPrices> {
  let parsed: unknown
  try {
    parsed = JSON.parse(answer)
  } catch (cause) {
    throw new NatterError('protocol-error', `Cannot read the catalogue of "${url}": it is not whole JSON`, {
      hint: 'The prices known so far stay in use; try again later',
      cause,
    })
  }
  const trimmed = trimModelsDev(parsed)
  if (trimmed === null) {
    throw new NatterError(
      'protocol-error',
      `Cannot read the catalogue of "${url}": it lists none of the known providers`,
      {
        hint: 'The prices known so far stay in use; a newer natter may understand it',
      },
    )
  }
  await write(file, JSON.stringify({ fetchedOn: today, from: url, providers: trimmed }))
  return { source: readModelsDev(trimmed), date: today }
}

/** All or nothing: a reader or a power cut sees the old file or the new one. */
async function write(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => {})
    const code = (cause as NodeJS.ErrnoException).code
    throw new NatterError(
      code === 'ENOSPC' ? 'storage-full' : 'storage-failed',
      `Cannot keep the catalogue in "${file}": ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
