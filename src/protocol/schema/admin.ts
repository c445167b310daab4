// Operations on the daemon itself, its models, keys, settings and database.

import { BOUNDS } from '../bounds.ts'
import { doorSchema } from './devices.ts'
import { modelSchema } from './entities.ts'
import { environmentSchema } from './environment.ts'
import { countSchema, nullableString, timeSchema } from './scalars.ts'
import { list, none, object } from './shapes.ts'

export const ADMIN_OPERATIONS = {
  status: {
    summary: 'What the daemon is and does',
    request: none,
    response: object({
      protocol: countSchema,
      version: { type: 'string' },
      build: { type: 'string' },
      pid: countSchema,
      startedAt: timeSchema,
      activeTurns: countSchema,
      subscribers: countSchema,
      rssBytes: countSchema,
      idleExitMinutes: { type: 'integer' },
      storage: { enum: ['ok', 'full', 'suspect'] },
      sqlite: { type: 'string' },
      keyStorage: { enum: ['keychain', 'file'] },
      /** The TCP door. */
      serve: doorSchema,
      paths: object({
        config: { type: 'string' },
        data: { type: 'string' },
        state: { type: 'string' },
        socket: { type: 'string' },
        database: { type: 'string' },
        log: { type: 'string' },
      }),
    } as const),
  },
  shutdown: {
    summary: 'Stop the daemon; `drain` lets running turns end first, up to a limit',
    request: {
      type: 'object',
      properties: { drain: { type: 'boolean' }, onlyIfIdle: { type: 'boolean' } },
      additionalProperties: false,
    },
    response: object({ stopping: { type: 'boolean' }, activeTurns: countSchema } as const),
  },
  'models.list': {
    summary: 'Known models, usable ones first',
    request: {
      type: 'object',
      properties: {
        query: { type: 'string', maxLength: BOUNDS.searchChars },
        environment: environmentSchema,
        /** True: also those no key is there for. */
        all: { type: 'boolean' },
      },
      additionalProperties: false,
    },
    response: object({
      models: list(modelSchema),
      pricesDate: { type: 'string' },
      notices: list({ type: 'string' }),
    } as const),
  },
  'models.refresh': {
    summary: 'Fetch the public catalogue of models and prices',
    request: none,
    response: object({ models: countSchema, pricesDate: { type: 'string' } } as const),
  },
  'keys.list': {
    summary: 'Which providers have a key and where it comes from; never the key',
    request: { type: 'object', properties: { environment: environmentSchema }, additionalProperties: false },
    response: object({
      storage: { enum: ['keychain', 'file'] },
      path: nullableString,
      keys: list(
        object({
          provider: { type: 'string' },
          source: { enum: ['environment', 'keychain', 'file', 'config'] },
          /** The last four characters, or the name of the variable or command. */
          detail: { type: 'string' },
        } as const),
      ),
    } as const),
  },
  'keys.set': {
    summary: 'Store the key of a provider',
    request: {
      type: 'object',
      properties: {
        provider: { type: 'string', minLength: 1, maxLength: 100 },
        key: { type: 'string', minLength: 1, maxLength: 10_000 },
      },
      required: ['provider', 'key'],
      additionalProperties: false,
    },
    response: object({ storage: { enum: ['keychain', 'file'] } } as const),
  },
  'keys.remove': {
    summary: 'Forget the key of a provider',
    request: {
      type: 'object',
      properties: { provider: { type: 'string', minLength: 1, maxLength: 100 } },
      required: ['provider'],
      additionalProperties: false,
    },
    response: object({ removed: { type: 'boolean' } } as const),
  },
  'config.get': {
    summary: 'One setting, or all',
    request: {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 300 } },
      additionalProperties: false,
    },
    response: object({ value: {} } as const),
  },
  'config.set': {
    summary: 'Change one setting; a null takes it away',
    request: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1, maxLength: 300 }, value: {} },
      required: ['name', 'value'],
      additionalProperties: false,
    },
    response: object({ value: {} } as const),
  },
  'store.check': {
    summary: 'Integrity of the database; long, runs beside everything else',
    request: none,
    response: object({ ok: { type: 'boolean' }, problems: list({ type: 'string' }), messages: countSchema } as const),
  },
  'store.backup': {
    summary: 'Copy the database to a file while it is in use',
    request: {
      type: 'object',
      properties: { file: { type: 'string', minLength: 1, maxLength: 4096 } },
      required: ['file'],
      additionalProperties: false,
    },
    response: object({ file: { type: 'string' }, bytes: countSchema } as const),
  },
} as const
