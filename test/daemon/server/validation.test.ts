import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { createValidator } from '../../../daemon/server/validation.ts'
import { settingsSchema } from '../../../daemon/settings-schema.ts'
import { createId, ID_PATTERN } from '../../../src/protocol/ids.ts'
import { eventSchema } from '../../../src/protocol/schema/events.ts'
import { OPERATIONS } from '../../../src/protocol/schema/operations.ts'

describe('schemas of the contract', () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true })
  for (const [name, kind] of [
    ['conversation-id', 'cnv'],
    ['message-id', 'msg'],
    ['turn-id', 'trn'],
    ['device-id', 'dev'],
  ] as const) {
    ajv.addFormat(name, new RegExp(ID_PATTERN[kind]))
  }

  it.each(Object.entries(OPERATIONS))('%s is described by valid schemas, strictly', (_name, { request, response }) => {
    expect(() => ajv.compile(request)).not.toThrow()
    expect(() => ajv.compile(response)).not.toThrow()
  })

  it('events and settings are described by valid schemas, strictly', () => {
    expect(() => ajv.compile(eventSchema)).not.toThrow()
    expect(() => ajv.compile(settingsSchema)).not.toThrow()
  })

  it.each(Object.entries(OPERATIONS))('%s takes no unknown fields', (_name, { request }) => {
    expect(request).toMatchObject({ type: 'object', additionalProperties: false })
  })
})

describe('createValidator()', () => {
  const turn = { turnId: createId('trn'), prompt: 'x', origin: 'tui' }

  it('check() returns what fits', () => {
    expect(createValidator().check('turns.start', turn)).toBe(turn)
  })

  it.each([
    [{ ...turn, prompt: undefined }, 'lacks "prompt"'],
    [{ ...turn, prompt: 7 }, '"prompt" must be string'],
    [{ ...turn, origin: 'browser' }, '"origin" must be one of'],
    [{ ...turn, parameters: { temperature: 9 } }, '"parameters.temperature" must be <= 2'],
    [{ ...turn, environment: { HOME: '/' } }, '"environment" has an unknown field "HOME"'],
    [{ ...turn, place: { tty: null, directory: 7 } }, '"place.directory" must be'],
    [[], 'must be object'],
    [null, 'must be object'],
  ])('check() says where %j does not fit', (request, words) => {
    expect(() => createValidator().check('turns.start', request)).toThrow(words)
  })
})
