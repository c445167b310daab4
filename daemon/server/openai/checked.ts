// Bodies of OpenAI's clients against our schemas of them: what is not known there passes, and is not heeded.

import { Ajv, type ValidateFunction } from 'ajv'
import type { JSONSchema } from 'json-schema-to-ts'
import { BOUNDS } from '../../../src/protocol/bounds.ts'
import type { Infer } from '../../../src/protocol/schema/infer.ts'
import { describeMisfit, type MisfitWords } from '../../misfit.ts'
import { BadRequest, misfit } from './errors.ts'
import { isDeeper, isObject } from './values.ts'

/** The body itself, known to fit; throws where it does not. */
export type Check<Body> = (body: unknown) => Body

/** Compiled with the first request: a start pays nothing for a door that nobody uses. */
export function createCheck<const Schema extends JSONSchema & object>(schema: Schema): Check<Infer<Schema>> {
  let compiled: ValidateFunction | null = null
  return (body) => {
    compiled ??= new Ajv({ allowUnionTypes: true, meta: false, validateSchema: false }).compile(schema as object)
    if (compiled(body)) {
      checkLevels(body)
      return body as Infer<Schema>
    }
    const [error] = compiled.errors ?? []
    const missing = error?.keyword === 'required' ? `/${error.params['missingProperty']}` : ''
    const param = toParam(`${error?.instancePath ?? ''}${missing}`)
    throw new BadRequest(`Cannot read request: ${describeMisfit(compiled.errors, WORDS)}`, {
      ...(param === '' ? {} : { param }),
      code: missing === '' ? 'invalid_value' : 'missing_required_parameter',
    })
  }
}

/** What is nested deeper than that overflows the stack of whoever looks into it, or writes it out. */
function checkLevels(body: unknown): void {
  if (!isObject(body)) return
  for (const [param, value] of Object.entries(body)) {
    if (isDeeper(value, BOUNDS.fieldLevels)) {
      throw misfit(param.slice(0, 80), `it is nested more than ${BOUNDS.fieldLevels} levels deep`)
    }
  }
}

/** `/messages/3/content` is `messages[3].content` to OpenAI. */
function toParam(pointer: string): string {
  return pointer
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

const WORDS: MisfitWords = {
  whole: 'the request',
  unknown: (name, place) => `${place === '' ? 'the request' : `"${place}"`} has an unknown field "${name}"`,
}
