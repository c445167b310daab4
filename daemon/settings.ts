// config.json: this file is its only writer; people may edit it by hand while the daemon runs.

import Conf from 'conf'
import { NatterError } from '../src/protocol/errors.ts'
import { SETTINGS_PROPERTIES, type Settings } from './settings-schema.ts'

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
  const conf = new Conf<Record<string, unknown>>({
    cwd: directory,
    configName: 'config',
    schema: SETTINGS_PROPERTIES as never,
    rootSchema: { additionalProperties: false },
    clearInvalidConfig: false,
    configFileMode: 0o600,
    accessPropertiesByDotNotation: true,
  })
  return {
    path: conf.path,
    all: () => read(() => conf.store as Settings),
    get: (name) => read(() => conf.get(name)),
    set(name, value) {
      read(() => conf.store)
      try {
        if (value === null) conf.delete(name)
        else conf.set(name, value)
      } catch (cause) {
        throw new NatterError('invalid-request', `Cannot set "${name}": ${reasonOf(cause)}`, {
          hint: 'Run "natter config get" to see what is set, or see "Settings" in the README',
          cause,
        })
      }
    },
  }

  function read<Value>(get: () => Value): Value {
    try {
      return get()
    } catch (cause) {
      throw new NatterError('invalid-request', `Cannot read settings "${conf.path}": ${reasonOf(cause)}`, {
        hint: 'Run "natter config edit" to mend the file',
        cause,
      })
    }
  }
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.replace(/^Config schema violation: /, '')
}
