// What each operation does: one function for each name of the contract.

import type { Operation, RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'

export type Handlers = {
  readonly [Name in Operation]: (request: RequestOf<Name>) => Promise<ResponseOf<Name>>
}
