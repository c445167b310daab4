// Which build this client is.

import { readFileSync } from 'node:fs'

export interface Build {
  readonly version: string
  readonly build: string
}

let known: Build | null = null

/** From `dist/build.json`, which the bundle stands beside; client and daemon of one build read the same file. */
export function ourBuild(): Build {
  known ??= JSON.parse(readFileSync(new URL('../build.json', import.meta.url), 'utf8')) as Build
  return known
}
