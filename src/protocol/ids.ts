// Identifiers: UUIDv7 with a prefix that says what they name, so that one can never pass for another.

export type ConversationId = `cnv_${string}`
export type MessageId = `msg_${string}`
export type TurnId = `trn_${string}`
export type DeviceId = `dev_${string}`

type IdKinds = { cnv: ConversationId; msg: MessageId; trn: TurnId; dev: DeviceId }
export type IdKind = keyof IdKinds

/** What follows the prefix: 32 lower-case hexadecimal digits of a UUIDv7, without dashes. */
const BODY = '[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}'

export const ID_PATTERN: { readonly [Kind in IdKind]: string } = {
  cnv: `^cnv_${BODY}$`,
  msg: `^msg_${BODY}$`,
  trn: `^trn_${BODY}$`,
  dev: `^dev_${BODY}$`,
}

/**
 * A new identifier. The first 12 digits are milliseconds since 1970, the rest is random
 * (RFC 9562, section 5.7), so identifiers sort by the time they were made.
 */
export function createId<Kind extends IdKind>(kind: Kind, now = Date.now()): IdKinds[Kind] {
  const bytes = randomBytes()
  let random = ''
  for (const byte of bytes) random += byte.toString(16).padStart(2, '0')
  const variant = '89ab'.charAt((bytes[9] ?? 0) & 3)
  const body = `${now.toString(16).padStart(12, '0')}7${random.slice(0, 3)}${variant}${random.slice(3, 18)}`
  return `${kind}_${body}` as IdKinds[Kind]
}

const POOL = new Uint8Array(640)
let taken = POOL.length

/** Ten bytes out of a pool: asking for each id alone costs more than the rest of making it. */
function randomBytes(): Uint8Array {
  if (taken === POOL.length) {
    crypto.getRandomValues(POOL)
    taken = 0
  }
  taken += 10
  return POOL.subarray(taken - 10, taken)
}

export function isId<Kind extends IdKind>(kind: Kind, value: string): value is IdKinds[Kind] {
  return new RegExp(ID_PATTERN[kind]).test(value)
}

/**
 * What people see and type. The beginning of a UUIDv7 is the clock, the same for hours; its end
 * is random, so the last eight digits tell identifiers apart.
 */
export function shortId(id: string): string {
  return id.slice(-8)
}
