// Types out of the JSON Schema literals; a string with one of our formats becomes the branded identifier.

import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import type { ConversationId, DeviceId, MessageId, TurnId } from '../ids.ts'

export type Infer<Schema extends JSONSchema> = FromSchema<
  Schema,
  {
    deserialize: [
      { pattern: { type: 'string'; format: 'conversation-id' }; output: ConversationId },
      { pattern: { type: 'string'; format: 'message-id' }; output: MessageId },
      { pattern: { type: 'string'; format: 'turn-id' }; output: TurnId },
      { pattern: { type: 'string'; format: 'device-id' }; output: DeviceId },
    ]
  }
>
