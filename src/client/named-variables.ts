// The variables that config.json names as the place of a key, which the daemon reads and nobody else hands over.

import { readFileSync } from 'node:fs'
import type { Paths } from '../protocol/paths.ts'

/** No key stands in these, and they change what a process loads. */
const LOADERS = /^(NODE|LD|DYLD)_/

/** The names in `env:NAME` of the providers' keys; none where the file is missing or broken, of which the daemon tells. */
export function namedVariables({ config }: Paths): readonly string[] {
  try {
    const settings: unknown = JSON.parse(readFileSync(`${config}/config.json`, 'utf8'))
    return Object.values(members(members(settings)['providers']))
      .map((provider) => /^env:(.+)$/s.exec(String(members(provider)['key']))?.[1]?.trim() ?? '')
      .filter((name) => name !== '' && !LOADERS.test(name))
  } catch {
    return []
  }
}

function members(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
