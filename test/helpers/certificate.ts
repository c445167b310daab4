// A certificate for this machine that signs itself, made anew for each test: no key lies in the repository.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface SelfSigned {
  /** Both in PEM. */
  readonly key: string
  readonly cert: string
}

const DAY_MS = 86_400_000
const ECDSA_WITH_SHA256 = sequence(tag(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const COMMON_NAME = tag(0x06, Buffer.from('550403', 'hex'))
const SUBJECT_ALT_NAME = tag(0x06, Buffer.from('551d11', 'hex'))

/** For "localhost" and 127.0.0.1, valid from yesterday until tomorrow: https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export function createCertificate(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(tag(0x31, sequence(COMMON_NAME, tag(0x0c, Buffer.from('localhost')))))
  const names = sequence(tag(0x82, Buffer.from('localhost')), tag(0x87, Buffer.from([127, 0, 0, 1])))
  const contents = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, sequence(sequence(SUBJECT_ALT_NAME, tag(0x04, names)))),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', contents, privateKey)])
  const certificate = sequence(contents, ECDSA_WITH_SHA256, tag(0x03, signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tag(0x30, ...parts)
}

/** DER: a type, the length in as few bytes as it takes, the contents. */
function tag(type: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts)
  const { length } = contents
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([type, ...head]), contents])
}

function time(ms: number): Buffer {
  return tag(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`))
}
