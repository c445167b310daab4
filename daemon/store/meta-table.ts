// Counters that outlive the process.

import type Database from 'better-sqlite3'

export interface MetaTable {
  /** Takes `count` numbers for ever; answers the first. */
  reserveSequence(count: number): number
}

export function createMetaTable(database: Database.Database): MetaTable {
  const reserve = database
    .prepare<[number], number>(`UPDATE meta SET value = value + ? WHERE name = 'next_sequence' RETURNING value`)
    .pluck()
  return {
    reserveSequence: (count) => {
      const next = reserve.get(count)
      if (next === undefined) throw new RangeError('The counter of sequence numbers is missing')
      return next - count
    },
  }
}
