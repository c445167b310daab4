// The figures of the streams bench: medians over rounds, differences and ratios within one round.

import type { BenchResult, Table, Target } from './bench.ts'
import { median, pairedDifferences, pairedRatios, percentile, summarize } from './statistics.ts'
import type { StreamTimes } from './stream-doors.ts'

/** One load through one way in one round. */
export interface Cell {
  readonly load: string
  readonly way: string
  readonly times: readonly StreamTimes[]
  readonly perSecond: number
  /** Processor time of the process in the middle for each stream; null where there is none. */
  readonly cpuMs: number | null
}

export interface Row {
  readonly load: string
  readonly way: string
  /** Medians over the rounds, in milliseconds unless they say otherwise. */
  readonly first50: number
  readonly first99: number
  readonly total50: number
  readonly addedFirst50: number
  readonly addedFirst99: number
  readonly addedTotal50: number
  readonly perSecond: number
  readonly perSecondOfProxy: number
  readonly cpuMs: number | null
  readonly cpuOfProxy: number | null
}

/** The way that saves nothing. */
export const UNSAVED = 'natterd, unsaved'
const FIRST_ADDED_MS = 1.5
const CPU_RATIO = 1.3
const THROUGHPUT_RATIO = 0.8

export function toStreamResult(cells: readonly Cell[]): BenchResult {
  const rows = toRows(cells)
  return {
    tables: [latencyTable(rows), costTable(rows), commitTable(rows)],
    targets: toTargets(rows),
    figures: toFigures(rows, cells),
  }
}

/** Every load through every way; `direct` and `proxy` are what the others are held against. */
export function toRows(cells: readonly Cell[]): readonly Row[] {
  const names = (key: 'load' | 'way') => [...new Set(cells.map((cell) => cell[key]))]
  return names('load').flatMap((load) => names('way').map((way) => toRow(cells, load, way)))
}

export function toFigures(rows: readonly Row[], cells: readonly Cell[]): object {
  return { rows, rounds: cells.map(({ times, ...cell }) => ({ ...cell, first: summarize(firstOf(times)) })) }
}

function toRow(cells: readonly Cell[], load: string, way: string): Row {
  const rounds = (name: string) => cells.filter((cell) => cell.load === load && cell.way === name)
  const each = (name: string, value: (cell: Cell) => number) => rounds(name).map(value)
  const first = (fraction: number) => (cell: Cell) => percentile(firstOf(cell.times), fraction)
  const total = (cell: Cell) => median(cell.times.map(({ totalMs }) => totalMs))
  const added = (value: (cell: Cell) => number) => median(pairedDifferences(each(way, value), each('direct', value)))
  const ofProxy = (value: (cell: Cell) => number) => median(pairedRatios(each(way, value), each('proxy', value)))
  const cpu = (cell: Cell) => cell.cpuMs ?? Number.NaN
  const inTheMiddle = way !== 'direct'
  return {
    load,
    way,
    first50: median(each(way, first(0.5))),
    first99: median(each(way, first(0.99))),
    total50: median(each(way, total)),
    addedFirst50: added(first(0.5)),
    addedFirst99: added(first(0.99)),
    addedTotal50: added(total),
    perSecond: median(each(way, (cell) => cell.perSecond)),
    perSecondOfProxy: ofProxy((cell) => cell.perSecond),
    cpuMs: inTheMiddle ? median(each(way, cpu)) : null,
    cpuOfProxy: inTheMiddle ? ofProxy(cpu) : null,
  }
}

function firstOf(times: readonly StreamTimes[]): readonly number[] {
  return times.map(({ firstMs }) => firstMs)
}

export function latencyTable(rows: readonly Row[]): Table {
  return {
    title: 'Milliseconds to the first token and to the end; added: against direct in the same round',
    rows: [
      ['', 'way', 'first p50', 'p99', 'end p50', 'added first p50', 'p99', 'added end p50'],
      ...rows.map((row) => [
        row.load,
        row.way,
        ...[row.first50, row.first99, row.total50].map(fixed(1)),
        ...[row.addedFirst50, row.addedFirst99, row.addedTotal50].map(row.way === 'direct' ? () => '' : fixed(1)),
      ]),
    ],
  }
}

export function costTable(rows: readonly Row[]): Table {
  return {
    title: 'Cost: streams a second, processor milliseconds of the process in the middle for each stream',
    rows: [
      ['', 'way', 'streams/s', '× proxy', 'CPU ms', '× proxy'],
      ...rows.map((row) => [
        row.load,
        row.way,
        ...[row.perSecond].map(fixed(0)),
        fixed(2)(row.perSecondOfProxy),
        row.cpuMs === null ? '' : fixed(2)(row.cpuMs),
        row.cpuOfProxy === null ? '' : fixed(2)(row.cpuOfProxy),
      ]),
    ],
  }
}

/** The same daemon where nothing is saved: what is left is natterd, the difference is commits and index. */
function commitTable(rows: readonly Row[]): Table {
  const loads = [...new Set(rows.map((row) => row.load))]
  return {
    title: 'What saving takes: of the first token (p50, milliseconds), and of the processor (milliseconds a stream)',
    rows: [
      ['', 'added first', 'commit', 'beyond it', 'CPU', 'commits and index', 'beyond them'],
      ...loads.map((load) => {
        const saved = find(rows, load, 'natterd')
        const free = find(rows, load, UNSAVED)
        const split = (value: (row: Row) => number | null, digits: number) => {
          const whole = (saved && value(saved)) ?? Number.NaN
          const rest = (free && value(free)) ?? Number.NaN
          return [whole, whole - rest, rest].map(fixed(digits))
        }
        return [load, ...split((row) => row.addedFirst50, 1), ...split((row) => row.cpuMs, 2)]
      }),
    ],
  }
}

/** A burst has none: no vendor sends a whole answer at once, it is there to show the fixed cost of a turn. */
function toTargets(rows: readonly Row[]): readonly Target[] {
  const first: Target = {
    name: 'streams: added to the first token beyond the commit, stress, 1 at once',
    value: find(rows, 'stress, 1 at once', UNSAVED)?.addedFirst50 ?? Number.NaN,
    limit: FIRST_ADDED_MS,
    kind: 'max',
    unit: 'ms',
  }
  const others = rows
    .filter((row) => row.way === UNSAVED && !row.load.startsWith('burst'))
    .flatMap((row): Target[] => [
      {
        name: `streams: CPU of the proxy's beyond the commits, ${row.load}`,
        value: row.cpuOfProxy ?? Number.NaN,
        limit: CPU_RATIO,
        kind: 'max',
        unit: '×',
      },
      {
        name: `streams: streams/s of the proxy's beyond the commits, ${row.load}`,
        value: row.perSecondOfProxy,
        limit: THROUGHPUT_RATIO,
        kind: 'min',
        unit: '×',
      },
    ])
  return [first, ...others]
}

export function find(rows: readonly Row[], load: string, way: string): Row | null {
  return rows.find((row) => row.load === load && row.way === way) ?? null
}

function fixed(digits: number): (value: number) => string {
  return (value) => value.toFixed(digits)
}
