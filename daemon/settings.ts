// config.json: this file is its only writer; people may edit it by hand while the daemon runs.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import Conf from 'conf'
import { NatterError } from '../src/protocol/errors.ts'
import { type Settings, settingsSchema } from './settings-schema.ts'

/** A turn asks several times; the file is looked at once for all of them. */
const CHECK_MS = 100

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
  let known: { readonly state: string; readonly settings: Settings; checkedAt: number } | null = null
  return {
    path,
    all: read,
    get(name) {
      read()
      return open().get(name)
    },
    set(name, value) {
      const before = read()
      known = null
      const conf = open()
      if (value === null) conf.delete(name)
      else conf.set(name, value)
      const problem = problemOf(conf.store)
      if (problem === null) return
      conf.store = { ...before }
      throw new NatterError('invalid-request', `Cannot set "${name}": ${problem}`, {
        hint: 'See "Settings" in the README for what there is',
      })
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
    const store = parse()
    const problem = problemOf(store)
    if (problem !== null) throw broken(problem)
    known = { state, settings: store as Settings, checkedAt: performance.now() }
    return known.settings
  }

  /** Opened when it is first asked for, since a file that is no JSON fails already here. */
  function open(): Conf<Record<string, unknown>> {
    // Its own check of a schema costs the start of every daemon 70 ms; ours is made when there is something to check.
    opened ??= new Conf<Record<string, unknown>>({
      cwd: directory,
      configName: 'config',
      clearInvalidConfig: false,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: true,
    })
    return opened
  }

  function parse(): object {
    try {
      return open().store
    } catch (cause) {
      throw broken(cause instanceof Error ? cause.message : String(cause))
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
    if (validate(store)) return null
    const [error] = validate.errors ?? []
    const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    if (error?.keyword === 'additionalProperties') {
      const name = [place, error.params['additionalProperty']].filter(Boolean).join('.')
      return `there is no setting "${name}"`
    }
    return `"${place}" ${error?.message ?? 'does not fit'}`
  }
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
