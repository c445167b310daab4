// The guard beyond what one machine can show over its loopback address.

import type { FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import { createGuard, scopeOfRoute } from '../../../daemon/server/tcp-guard.ts'
import { WRONG_TOKENS_MAX } from '../../../daemon/server/trust-lockout.ts'
import { toNames } from '../../../daemon/server/trust-request.ts'
import { createTestDevices } from '../../helpers/device-records.ts'

/** As one arrives from that address. */
function requestFrom(remoteAddress: string, token: string, localAddress = '192.168.1.5'): FastifyRequest {
  const rawHeaders = ['Host', '192.168.1.5:8787', 'Authorization', `Bearer ${token}`]
  const raw = {
    ...{ url: '/health', method: 'GET', httpVersion: '1.1', rawHeaders, headers: { host: '192.168.1.5:8787' } },
    socket: { remoteAddress, localAddress },
  }
  return { raw } as unknown as FastifyRequest
}

it('createGuard() does not look at tokens of an address that is locked out, right ones included, for a minute', async () => {
  const { devices } = await createTestDevices()
  const { token } = await devices.add({ name: 'phone', scopes: ['ask'], monthlyMicros: null })
  const told: string[] = []
  const looked: string[] = []
  let now = 0
  const guard = createGuard({
    recognise(shown) {
      looked.push(shown)
      return devices.recognise(shown)
    },
    names: () => toNames([]),
    onLockedOut: (address) => void told.push(address),
    now: () => now,
  })
  for (let guess = 0; guess < WRONG_TOKENS_MAX; guess += 1) {
    expect(() => guard(requestFrom('192.168.1.9', 'nt_x'), null)).toThrow('the token is not valid')
  }
  looked.length = 0
  expect(() => guard(requestFrom('192.168.1.9', token), null)).toThrow('too many wrong tokens')
  expect(() => guard(requestFrom('::ffff:192.168.1.9', token), null)).toThrow('too many wrong tokens')
  expect([looked, told]).toEqual([[], ['192.168.1.9']])
  expect(guard(requestFrom('192.168.1.10', token), null)).toMatchObject({ name: 'phone' })
  now = 60_000
  expect(guard(requestFrom('192.168.1.9', token), null)).toMatchObject({ name: 'phone' })
})

it('createGuard() knows this machine by the address that the client reached', async () => {
  const { devices } = await createTestDevices()
  const { token } = await devices.add({ name: 'phone', scopes: ['ask'], monthlyMicros: null })
  const guard = createGuard({ recognise: devices.recognise, names: () => toNames([]), onLockedOut() {}, now: () => 0 })
  expect(guard(requestFrom('192.168.1.9', token, '::ffff:192.168.1.5'), null)).toMatchObject({ name: 'phone' })
  expect(() => guard(requestFrom('192.168.1.9', token, '192.168.1.6'), null)).toThrow('names no machine')
  expect(() => guard(requestFrom('192.168.1.9', token), 'openai')).toThrow('the scope "openai"')
})

it('scopeOfRoute() has no rule for what is not meant for devices', () => {
  expect(['/v1/models', '/health', '/metrics'].map(scopeOfRoute)).toEqual(['openai', null, null])
  for (const url of ['/', '/api/status', '/v1', '/v10/x', '*']) expect(() => scopeOfRoute(url)).toThrow(TypeError)
})
