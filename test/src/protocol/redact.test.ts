import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRedactor, redact } from '../../../src/protocol/redact.ts'

it.each([
  ['Incorrect API key provided: sk-proj-abcDEF1234567890_-xyz.', 'Incorrect API key provided: sk-[redacted]'],
  ['key sk-abcde***************wxyz!', 'key sk-[redacted]!'],
  ['sk-ant-api03-AAAAbbbbCCCC1111-dd_ee', 'sk-[redacted]'],
  ['{"key":"AIzaSyA1234567890abcdefghijklmnopqrstuv"}', '{"key":"AIza[redacted]"}'],
  ['gsk_0123456789abcdefABCDEF', 'gsk_[redacted]'],
  ['xai-0123456789abcdefABCDEF', 'xai-[redacted]'],
  [`GET /v1?x=nt_0123456789abcdef_-${'aB_-'.repeat(10)}z2`, 'GET /v1?x=nt_[redacted]'],
  [`Authorization: Bearer nt_0123456789abcdef_${'aB_-'.repeat(10)}xyz`, 'Authorization: Bearer nt_[redacted]'],
  ['Authorization: Bearer abc.DEF-123_456', 'Authorization: Bearer [redacted]'],
  ['authorization: bearer abcdefghijkl', 'authorization: bearer [redacted]'],
  ['x-api-key: 0123456789abcdef', 'x-api-key: [redacted]'],
  ['{"x-goog-api-key":"0123456789abcdef"}', '{"x-goog-api-key":"[redacted]"}'],
  ['https://host/v1?alt=sse&key=0123456789&x=1', 'https://host/v1?alt=sse&key=[redacted]&x=1'],
  ['-H "Authorization: Bearer sk-proj-abcDEF1234567890"', '-H "Authorization: Bearer sk-[redacted]"'],
])('redact() hides the key in %j', (text, clean) => {
  expect(redact(text)).toBe(clean)
  expect(redact(clean)).toBe(clean)
})

it.each([
  'task-management and desk-organisation',
  'model gpt-6.1-sol of openai',
  'Run "natter keys set openai" or set OPENAI_API_KEY',
  'the bearer of good news',
  'conversation cnv_0192f0c1-2345-7abc-8def-0123456789ab',
])('redact() leaves %j alone', (text) => {
  expect(redact(text)).toBe(text)
})

it('redact() hides known keys wherever and however they are written', () => {
  const key = 'custom+key/with=signs'
  const text = [key, encodeURIComponent(key), `"${key}"`, `x${key}y${key}`].join('\n')
  expect(redact(text, [key])).not.toContain('custom')
  expect(redact('longer-secret-value', ['longer-s', 'longer-secret'])).toBe('[redacted]-value')
  expect(redact('a short value', ['short'])).toBe('a short value')
})

it('redact() never lets a known key pass', () => {
  const key = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.$&\\/+=*'), minLength: 8, maxLength: 40 })
  fc.assert(
    fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
      expect(redact(`${before}${secret}${after}`, [secret])).not.toContain(secret)
    }),
  )
})

it('createRedactor() hides keys from the moment they are added', () => {
  const redactor = createRedactor()
  expect(redactor.redact('plain-old-secret')).toBe('plain-old-secret')
  redactor.add('plain-old-secret')
  expect(redactor.redact('a plain-old-secret b')).toBe('a [redacted] b')
})
