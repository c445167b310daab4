// The guard of the TCP door: every request passes here, before its route and its body are looked at.

import type { FastifyRequest } from 'fastify'
import { NatterError } from '../../src/protocol/errors.ts'
import type { Device, Scope } from '../../src/protocol/schema/devices.ts'
import { unacceptable } from './refusals.ts'
import { createLockout, isSpared } from './trust-lockout.ts'
import { refusalOfRequest } from './trust-request.ts'
import { readToken, wrongToken } from './trust-token.ts'

export interface GuardOptions {
  /** Whose token it is; null: nobody's. */
  readonly recognise: (token: string) => Device | null
  /** What clients may call this machine, in lower case. */
  readonly names: () => ReadonlySet<string>
  /** A peer showed too many wrong tokens. */
  readonly onLockedOut: (address: string) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

/** Answers the device that asks; throws where nobody is let in. `scope` null: any token will do. */
export type Guard = (request: FastifyRequest, scope: Scope | null) => Device

/** What a route of the TCP door asks for. A route that is in no rule must not exist. */
export function scopeOfRoute(url: string): Scope | null {
  if (url.startsWith('/v1/')) return 'openai'
  if (url === '/health' || url === '/metrics') return null
  throw new TypeError(`The TCP door has no rule for the route "${url}"`)
}

export function createGuard({ recognise, names, onLockedOut, now }: GuardOptions): Guard {
  const lockout = createLockout(now)
  return (request, scope) => {
    const { raw } = request
    const refusal = refusalOfRequest(raw, names()) ?? unacceptable(raw)
    if (refusal !== null) throw refusal
    const device = authenticate(request)
    if (scope !== null && !device.scopes.includes(scope)) throw outOfScope(scope)
    return device
  }

  function authenticate({ raw }: FastifyRequest): Device {
    const address = raw.socket.remoteAddress ?? ''
    const waitMs = lockout.waitMs(address)
    if (waitMs > 0 && !isSpared(address)) throw lockedOut(waitMs)
    const device = recognise(readToken(raw))
    if (device !== null) return device
    if (lockout.wrong(address)) onLockedOut(address)
    throw waitMs > 0 ? lockedOut(waitMs) : wrongToken()
  }
}

function outOfScope(scope: Scope): NatterError {
  return new NatterError(
    'permission-denied',
    `Cannot answer: the token does not open what needs the scope "${scope}"`,
    {
      hint: 'Use a token that has it, such as the one of "natter serve"',
    },
  )
}

function lockedOut(retryAfterMs: number): NatterError {
  return new NatterError('rate-limited', 'Cannot answer: too many wrong tokens came from this address', {
    hint: 'Wait a minute, then use the token that "natter serve" printed',
    retryAfterMs,
  })
}
