// Tokens: a public part that finds the device, and 256 random bits of which only a hash is kept.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface TokenRecord {
  /** Names the token; whoever knows it can do nothing. */
  readonly tokenId: string
  /** SHA-256 of the secret part. With 256 random bits there is nothing to guess that a slow hash would make dearer. */
  readonly secretHash: Uint8Array
}

export interface NewToken {
  readonly token: string
  readonly record: TokenRecord
}

const FORM = /^nt_([0-9a-f]{16})_([\w-]{43})$/
/** What the secret of a token that is unknown is compared with, so that it takes as long. */
const NOBODY = new Uint8Array(32)

export function createToken(): NewToken {
  const tokenId = randomBytes(8).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  return { token: `nt_${tokenId}_${secret}`, record: { tokenId, secretHash: hash(secret) } }
}

/** Whose token it is; null for all that are none, each after the same work. */
export function recognise<Owner extends { readonly token: TokenRecord | null }>(
  token: string,
  find: (tokenId: string) => Owner | undefined,
): Owner | null {
  const [, tokenId = '', secret = ''] = FORM.exec(token) ?? []
  const owner = find(tokenId)
  const isSame = timingSafeEqual(hash(secret), owner?.token?.secretHash ?? NOBODY)
  return isSame && owner !== undefined ? owner : null
}

function hash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}
