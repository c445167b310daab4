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
  known ??= buildOnDisk()
  return known
}

/** What a daemon that is started now will be: another where natter was upgraded under this process. */
export function buildOnDisk(): Build {
  return JSON.parse(readFileSync(new URL(FILE, import.meta.url), 'utf8')) as Build
}
