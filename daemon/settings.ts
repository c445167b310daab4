// config.json: this file is its only writer; people may edit it by hand while the daemon runs.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import Conf from 'conf'
import { NatterError } from '../src/protocol/errors.ts'
import { describeMisfit, type MisfitWords } from './misfit.ts'
import { readRegularFile } from './regular-file.ts'
import { toSettingPath } from './settings-path.ts'
import { type Settings, settingsSchema } from './settings-schema.ts'

/** A turn asks several times; the file is looked at once for all of them. */
const CHECK_MS = 20
const FILE_BYTES_MAX = 1024 * 1024

export interface SettingsFile {
  readonly path: string
  /** As the file says now; throws `invalid-request` where it is broken. */
  all(): Settings
  /** The value a dotted name points at; undefined where it is not set. */
  get(name: string): unknown
  /** Checks before it writes; null takes the setting away. */
  set(name: string, value: unknown): void
}

export function openSettings(directory: string): SettingsFile {
  const path = join(directory, 'config.json')
  let opened: Conf<Record<string, unknown>> | null = null
  let validate: ValidateFunction | null = null
  let changing = ''
  let known: { readonly state: string; readonly settings: Settings; checkedAt: number } | null = null
  return {
    path,
    all: read,
    get(name) {
      read()
      return open().get(toSettingPath(name, settingsSchema))
    },
    set(name, value) {
      // What was written by hand a moment ago counts too: nothing broken is written over.
      known = null
      read()
      known = null
      changing = name
      const conf = open()
      try {
        if (value === null) conf.delete(toSettingPath(name, settingsSchema))
        else conf.set(toSettingPath(name, settingsSchema, value), value)
      } catch (cause) {
        throw unwritten(path, cause)
      }
    },
  }

  /** Parsed and checked anew only when the file has changed. */
  function read(): Settings {
    if (known !== null && performance.now() - known.checkedAt < CHECK_MS) return known.settings
    const state = stateOf(path)
    if (known !== null && known.state === state) {
      known.checkedAt = performance.now()
      return known.settings
    }
    const store = state === '' ? {} : parse()
    const problem = problemOf(store)
    if (problem !== null) throw broken(problem)
    known = { state, settings: store as Settings, checkedAt: performance.now() }
    return known.settings
  }

  /** Opened after the file was read well, since one that is no JSON fails already here. */
  function open(): Conf<Record<string, unknown>> {
    // Its own check of a schema costs the start of every daemon 70 ms; ours is made when there is something to check.
    opened ??= new Conf<Record<string, unknown>>({
      cwd: directory,
      configName: 'config',
      clearInvalidConfig: false,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: true,
      serialize,
    })
    return opened
  }

  /** The last step before conf writes: what it throws keeps the file as it is. */
  function serialize(store: object): string {
    const problem = problemOf(store)
    if (problem === null) return JSON.stringify(store, null, '\t')
    throw new NatterError('invalid-request', `Cannot set "${changing}": ${problem}`, {
      hint: 'See "Settings" in the README for what there is',
    })
  }

  /** Not by conf, which takes JSON of another kind for an empty file, and would write over it. */
  function parse(): object {
    const store = parseJson(readText())
    if (typeof store === 'object' && store !== null && !Array.isArray(store)) return store
    throw broken('it must hold one object, such as {"model": "demo/natter"}')
  }

  function readText(): string {
    try {
      return readRegularFile(path, FILE_BYTES_MAX).replace(/^\uFEFF/, '')
    } catch (cause) {
      throw broken(cause instanceof Error ? cause.message : String(cause))
    }
  }

  function parseJson(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      // The parser's own words quote the file, which may hold secrets in its headers.
      throw broken('it is not valid JSON')
    }
  }

  function broken(problem: string): NatterError {
    return new NatterError('invalid-request', `Cannot read settings "${path}": ${problem}`, {
      hint: 'Run "natter config edit" to mend the file',
    })
  }

  function problemOf(store: object): string | null {
    if (Object.keys(store).length === 0) return null
    validate ??= new Ajv({ allowUnionTypes: true, meta: false, validateSchema: false }).compile(settingsSchema)
    return validate(store) ? null : describeMisfit(validate.errors, WORDS)
  }
}

const WORDS: MisfitWords = {
  whole: 'the file',
  unknown: (name, place) => `there is no setting "${place === '' ? name : `${place}.${name}`}"`,
}

function unwritten(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (!/^E[A-Z]+$/.test(code)) return cause
  const doing = `Cannot write settings "${path}"`
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new NatterError('storage-full', `${doing}: the disk is full`, { hint: 'Free some space, try again', cause })
  }
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : code)
  return new NatterError('storage-failed', `${doing}: ${reason}`, {
    hint: 'Check owner and permissions of the file and of the directory it is in',
    cause,
  })
}

const REASONS: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}

/** Tells versions of a file apart; empty where there is none. */
function stateOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
  } catch (error) {
    // What is wrong with it, reading will say.
    return String(error)
  }
}
