import { expect, it } from 'vitest'
import {
  ERROR_CODES,
  ERROR_TRAITS,
  fromErrorInfo,
  isErrorCode,
  NatterError,
  toErrorInfo,
} from '../../../src/protocol/errors.ts'

it('every code has traits, with a status and an exit code that exist', () => {
  expect(Object.keys(ERROR_TRAITS).sort()).toEqual([...ERROR_CODES].sort())
  for (const { status, exitCode } of Object.values(ERROR_TRAITS)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect([1, 2, 3, 4, 5, 6, 7, 124]).toContain(exitCode)
  }
})

it('toErrorInfo() and fromErrorInfo() carry an error over the socket', () => {
  const error = new NatterError('key-missing', 'Cannot call OpenAI', { hint: 'Set a key' })
  const back = fromErrorInfo(toErrorInfo(error))
  expect([back.code, back.message, back.hint]).toEqual(['key-missing', 'Cannot call OpenAI', 'Set a key'])
})

it('toErrorInfo() calls what nobody foresaw a fault of ours', () => {
  expect(toErrorInfo(new TypeError('x is not a function')).code).toBe('internal')
  expect(toErrorInfo('text').message).toContain('text')
})

it('isErrorCode() knows the codes and nothing of the prototype', () => {
  expect(isErrorCode('usage')).toBe(true)
  for (const no of ['toString', '__proto__', '', 7, null]) expect(isErrorCode(no)).toBe(false)
})
