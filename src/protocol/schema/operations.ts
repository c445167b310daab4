// Every operation of the socket: `POST /api/<name>` with the request, answered with the response.

import { ADMIN_OPERATIONS } from './admin.ts'
import { CONVERSATION_OPERATIONS } from './conversations.ts'
import type { Infer } from './infer.ts'
import { TURN_OPERATIONS } from './turns.ts'

export const OPERATIONS = { ...ADMIN_OPERATIONS, ...CONVERSATION_OPERATIONS, ...TURN_OPERATIONS } as const

export type Operation = keyof typeof OPERATIONS
export type RequestOf<Name extends Operation> = Infer<(typeof OPERATIONS)[Name]['request']>
export type ResponseOf<Name extends Operation> = Infer<(typeof OPERATIONS)[Name]['response']>
