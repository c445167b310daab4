// Sums of the ledger, for the worker: a year of calls is read at once.

import type Database from 'better-sqlite3'
import type { UsageQuery, UsageRow } from './usage-store.ts'

/** How each grouping names its rows. A conversation that was deleted has no name any more; its calls still cost. */
const KEYS: { readonly [By in UsageQuery['by']]: string } = {
  day: `date(ledger.started_at / 1000, 'unixepoch', 'localtime')`,
  model: 'ledger.model',
  device: `coalesce(ledger.device_id, '')`,
  conversation: `coalesce(turns.conversation_id, '')`,
}

const TITLES: { readonly [By in UsageQuery['by']]: string } = {
  day: 'NULL',
  model: 'NULL',
  device: 'max(devices.name)',
  conversation: 'max(conversations.title)',
}

const JOINS: { readonly [By in UsageQuery['by']]: string } = {
  day: '',
  model: '',
  device: 'LEFT JOIN devices ON devices.device_id = ledger.device_id',
  conversation: `
    LEFT JOIN turns ON turns.turn_id = ledger.turn_id
    LEFT JOIN conversations ON conversations.conversation_id = turns.conversation_id
  `,
}

/** At most that many rows, the newest days or the dearest of anything else first. */
export function reportUsage(database: Database.Database, { by, since, until, limit }: UsageQuery): readonly UsageRow[] {
  const statement = database.prepare<[number, number, number], UsageRow>(`
    SELECT ${KEYS[by]} AS key, ${TITLES[by]} AS title,
      count(*) AS calls,
      coalesce(sum(input_tokens), 0) AS inputTokens,
      coalesce(sum(cached_input_tokens), 0) AS cachedInputTokens,
      coalesce(sum(output_tokens), 0) AS outputTokens,
      coalesce(sum(ledger.cost_micros), 0) AS costMicros,
      sum(ledger.cost_micros IS NULL AND input_tokens IS NOT NULL) AS unpricedCalls
    FROM ledger
    ${JOINS[by]}
    WHERE ledger.started_at >= ? AND ledger.started_at < ? AND ledger.outcome IS NOT NULL
    GROUP BY key
    ORDER BY ${by === 'day' ? 'key DESC' : 'costMicros DESC, calls DESC'}
    LIMIT ?
  `)
  return statement.all(since, until, limit)
}
