// All tables of one connection, each with its statements prepared.

import type Database from 'better-sqlite3'
import { type AttemptTable, createAttemptTable } from './attempt-table.ts'
import { type ChunkTable, createChunkTable } from './chunk-table.ts'
import { type ConversationTable, createConversationTable } from './conversation-table.ts'
import { createDeviceTable, type DeviceTable } from './device-table.ts'
import { createLedgerTable, type LedgerTable } from './ledger-table.ts'
import { createMessageTable, type MessageTable } from './message-table.ts'
import { createMetaTable, type MetaTable } from './meta-table.ts'
import { createPlaceTable, type PlaceTable } from './place-table.ts'
import { createResponseTable, type ResponseTable } from './response-table.ts'
import { createSearchTable, type SearchTable } from './search-table.ts'
import { createSummaryTable, type SummaryTable } from './summary-table.ts'
import { createTurnTable, type TurnTable } from './turn-table.ts'

export interface Tables {
  readonly attempts: AttemptTable
  readonly chunks: ChunkTable
  readonly conversations: ConversationTable
  readonly devices: DeviceTable
  readonly ledger: LedgerTable
  readonly messages: MessageTable
  readonly meta: MetaTable
  readonly places: PlaceTable
  readonly responses: ResponseTable
  readonly search: SearchTable
  readonly summaries: SummaryTable
  readonly turns: TurnTable
}

export function createTables(database: Database.Database): Tables {
  return {
    attempts: createAttemptTable(database),
    chunks: createChunkTable(database),
    conversations: createConversationTable(database),
    devices: createDeviceTable(database),
    ledger: createLedgerTable(database),
    messages: createMessageTable(database),
    meta: createMetaTable(database),
    places: createPlaceTable(database),
    responses: createResponseTable(database),
    search: createSearchTable(database),
    summaries: createSummaryTable(database),
    turns: createTurnTable(database),
  }
}
