// The machine a figure was measured on: without it the figure means nothing.

import { execFileSync } from 'node:child_process'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Of one minute, before the first bench. */
  readonly load: number
  readonly commit: string | null
  readonly date: string
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    commit: currentCommit(),
    date: new Date().toISOString(),
  }
}

export function showMachine(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, load } = machine
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, load ${load.toFixed(2)}`
}

function currentCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    // Not a clone, or there is no git.
    return null
  }
}
