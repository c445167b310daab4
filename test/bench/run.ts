// npm run bench [-- names… --quick --json FILE]: runs the benches, prints their tables, and ends with JSON.

import { existsSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, BenchResult } from './bench.ts'
import { coldStart } from './cold-start.ts'
import { gateway } from './gateway.ts'
import { describeMachine, showMachine } from './machine.ts'
import { memory } from './memory.ts'
import { oneShot } from './one-shot.ts'
import { search } from './search.ts'
import { streams } from './streams.ts'
import { showTable, showTargets } from './table.ts'

const BENCHES: readonly Bench[] = [oneShot, streams, gateway, memory, search, coldStart]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
})
const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name))
if (unknown !== undefined) {
  process.stderr.write(`There is no bench "${unknown}"; these are: ${BENCHES.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}
if (!existsSync('/proc/self/stat')) {
  process.stderr.write('The benches read /proc: run them on Linux\n')
  process.exit(2)
}
preferOurselves()
const machine = describeMachine()
print(showMachine(machine))
const results: { [name: string]: BenchResult } = {}
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue
  print(`\n${bench.name}: ${bench.summary}`)
  const result = await bench.run({ quick: values.quick, note: (text) => process.stderr.write(`  ${text}\n`) })
  for (const table of result.tables) print(`\n${showTable(table)}`)
  results[bench.name] = result
}
const targets = Object.values(results).flatMap((result) => result.targets)
print(`\n${showTargets(targets)}`)
const json = JSON.stringify({ machine, quick: values.quick, targets, results: figuresOf(results) }, null, 2)
if (values.json === undefined) print(`\n${json}`)
else writeFileSync(values.json, `${json}\n`)

function figuresOf(all: { readonly [name: string]: BenchResult }): object {
  return Object.fromEntries(Object.entries(all).map(([name, { figures }]) => [name, figures]))
}

/** What is started inherits it, so all that is compared has it. */
function preferOurselves(): void {
  try {
    setPriority(-5)
  } catch {
    // Only the administrator may; then other work on the machine shows more.
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
