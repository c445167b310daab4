// Requests against the contract's schemas; a schema is compiled when its operation is first called, not at start.

import { Ajv, type ValidateFunction } from 'ajv'
import { NatterError } from '../../src/protocol/errors.ts'
import { ID_PATTERN } from '../../src/protocol/ids.ts'
import { OPERATIONS, type Operation } from '../../src/protocol/schema/operations.ts'
import { describeMisfit, type MisfitWords } from '../misfit.ts'

export interface Validator {
  /** The request itself, known to fit; throws `invalid-request` that names the place and what is expected there. */
  check(operation: Operation, request: unknown): unknown
}

export function createValidator(): Validator {
  // The schemas are our own and a test holds them against the meta-schema; doing it here costs the first call 60 ms.
  const ajv = new Ajv({ allowUnionTypes: true, meta: false, validateSchema: false })
  ajv.addFormat('conversation-id', new RegExp(ID_PATTERN.cnv))
  ajv.addFormat('message-id', new RegExp(ID_PATTERN.msg))
  ajv.addFormat('turn-id', new RegExp(ID_PATTERN.trn))
  ajv.addFormat('device-id', new RegExp(ID_PATTERN.dev))
  const compiled = new Map<Operation, ValidateFunction>()

  return {
    check(operation, request) {
      const validate = validatorOf(operation)
      if (validate(request)) return request
      throw new NatterError('invalid-request', `Cannot run ${operation}: ${describeMisfit(validate.errors, WORDS)}`, {
        hint: 'See GET /api/openapi.json for what it takes',
      })
    },
  }

  function validatorOf(operation: Operation): ValidateFunction {
    const known = compiled.get(operation)
    if (known !== undefined) return known
    const validate = ajv.compile(OPERATIONS[operation].request)
    compiled.set(operation, validate)
    return validate
  }
}

const WORDS: MisfitWords = {
  whole: 'the request',
  unknown: (name, place) => `${place === '' ? 'the request' : `"${place}"`} has an unknown field "${name}"`,
}
