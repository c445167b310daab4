// Every operation of the socket: `POST /api/<name>` with the request, answered with the response.

import { ADMIN_OPERATIONS } from './admin.ts'
import { CONVERSATION_OPERATIONS } from './conversations.ts'
import { DEVICE_OPERATIONS } from './devices.ts'
import type { Infer } from './infer.ts'
import { TURN_OPERATIONS } from './turns.ts'
import { USAGE_OPERATIONS } from './usage.ts'

export const OPERATIONS = {
  ...ADMIN_OPERATIONS,
  ...CONVERSATION_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...TURN_OPERATIONS,
  ...USAGE_OPERATIONS,
} as const

export type Operation = keyof typeof OPERATIONS
type Requests = { readonly [Name in Operation]: Infer<(typeof OPERATIONS)[Name]['request']> }
type Responses = { readonly [Name in Operation]: Infer<(typeof OPERATIONS)[Name]['response']> }
export type RequestOf<Name extends Operation> = Requests[Name]
export type ResponseOf<Name extends Operation> = Responses[Name]

type Signatures = {
  [Name in Operation]: (operation: Name, request: Requests[Name], signal?: AbortSignal) => Promise<Responses[Name]>
}
type Intersect<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never
/** One overload for each operation: TypeScript gives up on a generic function over schemas of this size. */
export type Call = Intersect<Signatures[Operation]>
