// Sizes of pictures, from their first bytes.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readPictureSize } from '../../../daemon/models/picture-size.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const GIF = Buffer.from('GIF89a\x40\x01\xf0\x00', 'latin1').toString('base64')

it('readPictureSize() reads the size of a PNG and a GIF', () => {
  expect(readPictureSize(PNG)).toEqual({ width: 1, height: 1 })
  expect(readPictureSize(GIF)).toEqual({ width: 320, height: 240 })
})

it('readPictureSize() reads the size of a JPEG behind a long preview', () => {
  const segment = (marker: number, body: Buffer) =>
    Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body])
  const jpeg = (previews: number) =>
    Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      ...Array.from({ length: previews }, () => segment(0xe2, Buffer.alloc(60_000))),
      segment(0xc0, Buffer.from([8, 0x02, 0x58, 0x03, 0x20, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])),
      Buffer.alloc(2000),
    ]).toString('base64')
  expect(readPictureSize(jpeg(3))).toEqual({ width: 800, height: 600 })
  expect(readPictureSize(jpeg(20)), 'more than is read').toBeNull()
})

it('readPictureSize() knows nothing of what is broken or no picture that is taken', () => {
  expect(readPictureSize('')).toBeNull()
  expect(readPictureSize(PNG.slice(0, 20))).toBeNull()
  expect(readPictureSize(Buffer.from('<svg width="9" height="9"/>').toString('base64'))).toBeNull()
})

it('readPictureSize() never throws, whatever the bytes', () => {
  const beginning = fc.constantFrom('iVBORw0KGgo', '/9j/', 'R0lGOD', 'UklGR')
  fc.assert(
    fc.property(beginning, fc.uint8Array({ maxLength: 300 }), (start, bytes) => {
      const size = readPictureSize(start + Buffer.from(bytes).toString('base64'))
      expect(size === null || size.width > 0).toBe(true)
    }),
  )
})
