// The shapes that operations are made of.

import { BOUNDS } from '../bounds.ts'
import { nullableString } from './scalars.ts'

export const none = { type: 'object', properties: {}, additionalProperties: false } as const
export const page = { type: 'integer', minimum: 1, maximum: BOUNDS.pageSize } as const
export const title = { type: 'string', minLength: 1, maxLength: BOUNDS.titleChars } as const
export const system = { type: ['string', 'null'], maxLength: BOUNDS.systemChars } as const
export const modelName = { type: 'string', minLength: 1, maxLength: 300 } as const
/** An id, four or more of its first or last digits, or (for conversations) a part of a title. */
export const reference = { type: 'string', minLength: 1, maxLength: BOUNDS.titleChars } as const

/** Where a person works, so that "continue" means what was last used here. */
export const placeSchema = {
  type: 'object',
  properties: { tty: nullableString, directory: nullableString },
  required: ['tty', 'directory'],
  additionalProperties: false,
} as const

export const list = <const Item>(item: Item) => ({ type: 'array', items: item }) as const
/** An object all of whose properties are there. */
export const object = <const Properties extends object>(properties: Properties) =>
  ({
    type: 'object',
    properties,
    required: Object.keys(properties) as (keyof Properties & string)[],
    additionalProperties: false,
  }) as const
