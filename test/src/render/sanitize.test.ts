// Nothing that acts on a terminal gets through, wherever the text is cut.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSanitizer, sanitize, sanitizeLine } from '../../../src/render/sanitize.ts'
import { chunked } from './documents.ts'

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\t',
        '\x1b',
        '\x1b[2J',
        '\x07',
        '\x08',
        '\x7f',
        '\x9b',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u200d',
        '\ufe0f',
        '\ufe0e',
        '\u20e3',
        '1',
        '#',
        '❤',
        '👨',
        '👩',
        '🏽',
        '🏳',
        '🌈',
        '\u{e0041}',
        '\u2028',
        '\u2029',
        '\ufeff',
        '\u00ad',
        'a',
        ' ',
        '\ud83d',
        '\udc68',
        '\u0600',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))

const LIVE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]|\p{Cs}/u

it('sanitize() leaves no control, direction, tag or invisible character, for any text', () => {
  fc.assert(
    fc.property(hostile, (text) => !LIVE.test(sanitize(text))),
    { numRuns: 3000 },
  )
})

it('sanitize() changes nothing when applied again', () => {
  fc.assert(
    fc.property(hostile, (text) => sanitize(sanitize(text)) === sanitize(text)),
    { numRuns: 3000 },
  )
})

it('createSanitizer() gives the same text for every way of cutting it', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(200), { maxLength: 20 }), (text, cuts) => {
      const sanitizer = createSanitizer()
      const pieces = chunked(text, cuts).map((chunk) => sanitizer.push(chunk))
      expect(pieces.join('') + sanitizer.end()).toBe(sanitize(text))
    }),
    { numRuns: 3000 },
  )
})

it('createSanitizer() holds back no ordinary text', () => {
  const sanitizer = createSanitizer()
  expect(sanitizer.push('H')).toBe('H')
  expect(sanitizer.push('i 1')).toBe('i 1')
  expect(sanitizer.push('漢😀')).toBe('漢😀')
})

it('sanitize() keeps what text is made of', () => {
  for (const text of ['Grüße\n\tnext', '漢字', '👨‍👩‍👧 ❤️ 1️⃣ 👍🏽 🏳️‍🌈', 'שלום', 'e\u0301', 'na\u00efve', '\ue0b0']) {
    expect(sanitize(text)).toBe(text)
  }
})

it('sanitize() makes every kind of line end a newline', () => {
  expect(sanitize('a\r\nb\rc\u2028d\u2029e')).toBe('a\nb\nc\nd\ne')
})

it('sanitize() drops joiners and selectors outside of emoji', () => {
  expect(sanitize('a\u200db \ufe0f1\ufe0f 👨\u200dx')).toBe('ab 1 👨x')
})

it('sanitizeLine() puts a title on one line', () => {
  expect(sanitizeLine('  a\r\n\tb\x1b]0;x\x07 ')).toBe('a b]0;x')
})
