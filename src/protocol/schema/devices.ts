// Operations on paired devices and on the TCP door that is there for them; the owner's socket alone offers them.

import type { Infer } from './infer.ts'
import { nullableString, timeSchema } from './scalars.ts'
import { list, none, object } from './shapes.ts'

export const deviceIdSchema = { type: 'string', format: 'device-id' } as const

/** `ask`: start and follow turns; `history`: read what is stored; `openai`: the routes below /v1. */
export const scopeSchema = { enum: ['ask', 'history', 'openai'] } as const
export type Scope = Infer<typeof scopeSchema>

/** Millionths of a dollar of a calendar month; null: no limit but the owner's. */
const monthlyMicrosSchema = { type: ['integer', 'null'], minimum: 0, maximum: 1_000_000_000_000 } as const
const nameSchema = { type: 'string', minLength: 1, maxLength: 100, pattern: '\\S' } as const
const scopesSchema = { type: 'array', items: scopeSchema, minItems: 1, uniqueItems: true } as const

export const deviceSchema = object({
  deviceId: deviceIdSchema,
  name: { type: 'string' },
  scopes: list(scopeSchema),
  monthlyMicros: monthlyMicrosSchema,
  createdAt: timeSchema,
  /** To the minute; null: never. */
  usedAt: { type: ['integer', 'null'] },
} as const)
export type Device = Infer<typeof deviceSchema>

/** The only answers that hold a token: nobody can be told it again. */
const tokenSchema = { type: 'string' } as const

const portSchema = { type: 'integer', minimum: 0, maximum: 65_535 } as const

/** How the TCP door stands. */
export const doorSchema = object({
  /** Null: it is closed. */
  url: nullableString,
  /** Why it is closed though the settings say that it shall be open. */
  problem: nullableString,
} as const)

export const DEVICE_OPERATIONS = {
  'devices.list': {
    summary: 'Devices that have a token; never the token',
    request: none,
    response: object({ devices: list(deviceSchema) } as const),
  },
  'devices.add': {
    summary: 'Give a device a token, which is answered this once',
    request: {
      type: 'object',
      properties: { name: nameSchema, scopes: scopesSchema, monthlyMicros: monthlyMicrosSchema },
      required: ['name', 'scopes'],
      additionalProperties: false,
    },
    response: object({ device: deviceSchema, token: tokenSchema } as const),
  },
  'devices.update': {
    summary: 'Change the name or the monthly budget of a device',
    request: {
      type: 'object',
      properties: { deviceId: deviceIdSchema, name: nameSchema, monthlyMicros: monthlyMicrosSchema },
      required: ['deviceId'],
      additionalProperties: false,
    },
    response: object({ device: deviceSchema } as const),
  },
  'devices.remove': {
    summary: 'Revoke the token of a device; what is being answered to it ends at once',
    request: object({ deviceId: deviceIdSchema } as const),
    response: object({ removed: { type: 'boolean' } } as const),
  },
  'serve.start': {
    summary: 'Listen on TCP, now and after every restart',
    request: {
      type: 'object',
      properties: {
        /** 0: any that is free. */
        port: portSchema,
        host: { type: 'string', minLength: 1, maxLength: 255 },
        /** The device `serve` gets another token; the old one ends. */
        newToken: { type: 'boolean' },
      },
      additionalProperties: false,
    },
    response: object({
      url: { type: 'string' },
      /** Of the device `serve`; null: it has one, which cannot be told again. */
      token: nullableString,
      /** It listened there before. */
      already: { type: 'boolean' },
      /** Others on the network can reach it, and read what is sent. */
      exposed: { type: 'boolean' },
    } as const),
  },
  'serve.stop': {
    summary: 'Listen on TCP no more; what is being answered there ends',
    request: none,
    response: object({ stopped: { type: 'boolean' } } as const),
  },
} as const

export const SERVE_PORT = 8787
export const SERVE_HOST = '127.0.0.1'
/** The device whose token `natter serve` prints. */
export const SERVE_DEVICE = 'serve'
