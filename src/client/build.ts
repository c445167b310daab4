// Which build this client is.

import { readFileSync } from 'node:fs'

export interface Build {
  readonly version: string
  readonly build: string
}

let known: Build | null = null

// The bundle stands beside the file; the sources, as tests run them, do not.
const FILE = import.meta.url.endsWith('.ts') ? '../../dist/build.json' : '../build.json'

/** Client and daemon of one build read the same file. */
export function ourBuild(): Build {
  known ??= JSON.parse(readFileSync(new URL(FILE, import.meta.url), 'utf8')) as Build
  return known
}
