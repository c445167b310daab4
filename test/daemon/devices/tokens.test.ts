import { timingSafeEqual } from 'node:crypto'
import { beforeEach, expect, it, vi } from 'vitest'
import { createToken, recognise } from '../../../daemon/devices/tokens.ts'

vi.mock(import('node:crypto'), async (original) => {
  const real = await original()
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) }
})

beforeEach(() => {
  vi.mocked(timingSafeEqual).mockClear()
})

it('createToken() makes a public part, and a secret of 256 bits that the record does not hold', () => {
  const { token, record } = createToken()
  const [, tokenId, secret = ''] = /^nt_([0-9a-f]{16})_([\w-]+)$/.exec(token) ?? []
  expect(record.tokenId).toBe(tokenId)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(record.secretHash).toHaveLength(32)
  expect(Buffer.from(record.secretHash).equals(Buffer.from(secret, 'base64url'))).toBe(false)
  expect(JSON.stringify(record)).not.toContain(secret)
  expect(new Set(Array.from({ length: 100 }, () => createToken().token)).size).toBe(100)
})

it('recognise() compares hashes once and in constant time, whatever the token is', () => {
  const { token, record } = createToken()
  const other = createToken()
  const owner = { token: record }
  const find = (tokenId: string) => (tokenId === record.tokenId ? owner : undefined)
  expect(recognise(token, find)).toBe(owner)
  const wrong = [
    other.token,
    `${token.slice(0, 20)}${other.token.slice(20)}`,
    token.slice(0, -1),
    `${token}x`,
    ` ${token}`,
    token.toUpperCase(),
    record.tokenId,
    '',
    'nt__',
    '__proto__',
  ]
  for (const one of wrong) expect(recognise(one, find), one).toBeNull()
  expect(recognise(token, () => ({ token: null }))).toBeNull()
  expect(timingSafeEqual).toHaveBeenCalledTimes(wrong.length + 2)
  for (const hashes of vi.mocked(timingSafeEqual).mock.calls)
    expect(hashes.map((hash) => hash.byteLength)).toEqual([32, 32])
})
