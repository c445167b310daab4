// What a client of OpenAI's API may ask of natter besides, in headers that no other server knows.

import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { RequestOf } from '../../../src/protocol/schema/operations.ts'
import type { SingleCaller } from '../../turn/single-calls.ts'
import { BadRequest } from './errors.ts'

export type Truncation = (typeof TRUNCATIONS)[number]

type StartRequest = RequestOf<'turns.start'>

export interface NatterWishes {
  /** A conversation to keep it in, `new` for one of its own; null: it is kept nowhere. */
  readonly conversation: string | null
  readonly options: Pick<StartRequest, 'cache' | 'fallback' | 'maxCostMicros'>
}

const TRUNCATIONS = ['auto', 'disabled'] as const

/** Dollars; more is nobody's wish. */
const MAX_COST = 1_000_000

export function readWishes(headers: IncomingHttpHeaders): NatterWishes {
  const cache = oneOf(headers, 'x-natter-cache', ['use', 'refresh', 'off'] as const)
  const fallback = oneOf(headers, 'x-natter-fallback', ['never', 'ask', 'auto'] as const)
  const maxCostMicros = readCost(headers)
  return {
    conversation: textOf(headers, 'x-natter-conversation'),
    options: {
      ...(cache === null ? {} : { cache }),
      ...(fallback === null ? {} : { fallback }),
      ...(maxCostMicros === null ? {} : { maxCostMicros }),
    },
  }
}

/**
 * What becomes of messages that do not fit the model, in the words of the Responses API; its field says it too, but the
 * header is what a client of either API can add.
 */
export function readTruncation(headers: IncomingHttpHeaders, field: Truncation | null = null): Truncation {
  return oneOf(headers, 'x-natter-truncation', TRUNCATIONS) ?? field ?? 'disabled'
}

/** Of a call that is no turn. */
export function toCaller({ deviceId, headers }: FastifyRequest): SingleCaller {
  return { deviceId, maxCostMicros: readCost(headers) }
}

function readCost(headers: IncomingHttpHeaders): number | null {
  const name = 'x-natter-max-cost'
  const text = textOf(headers, name)
  if (text === null) return null
  const dollars = /^\d+(?:\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  if (dollars <= MAX_COST) return Math.floor(dollars * 1e6)
  throw bad(name, text, 'dollars, as 0.25')
}

function oneOf<const Word extends string>(
  headers: IncomingHttpHeaders,
  name: string,
  words: readonly Word[],
): Word | null {
  const text = textOf(headers, name)
  if (text === null) return null
  const word = words.find((known) => known === text.toLowerCase())
  if (word !== undefined) return word
  throw bad(name, text, words.join(', '))
}

function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function bad(name: string, value: string, expected: string): BadRequest {
  return new BadRequest(`Cannot heed header "${name}": it is "${value.slice(0, 80)}", and takes ${expected}`, {
    param: name,
    code: 'invalid_value',
  })
}
