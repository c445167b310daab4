import { expect, it } from 'vitest'
import { createPeers, isLoopback } from '../../../daemon/server/trust-peers.ts'

const ON_LINK = ['198.51.100.7/24', '2001:db8:1:2::5/64', 'fe80::1%eth0/64', '127.0.0.1/8']

it.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['192.168.178.20', true],
  ['::ffff:192.168.178.20', true],
  ['169.254.1.1', true],
  ['fe80::1234%en0', true],
  ['fd00::2', true],
  ['198.51.100.200', true],
  ['2001:db8:1:2::99', true],
  ['172.32.0.1', false],
  ['192.169.0.1', false],
  ['11.0.0.1', false],
  ['100.64.0.1', false],
  ['0.0.0.0', false],
  ['8.8.8.8', false],
  ['::ffff:8.8.8.8', false],
  ['198.51.101.1', false],
  ['2001:db8:1:3::99', false],
  ['2001:4860:4860::8888', false],
  ['', false],
  [undefined, false],
])('createPeers() lets %s in: %s', (address, allowed) => {
  expect(createPeers([], () => ON_LINK).allows(address)).toBe(allowed)
})

it('createPeers() lets in what the settings name, and nobody for what is no network', () => {
  const peers = createPeers(['100.64.0.0/10', 'fd7a:115c::/32', 'nonsense/8', '1.2.3.4/99', '::/x', ''], () => [])
  expect(peers.allows('100.100.1.1')).toBe(true)
  expect(peers.allows('8.8.8.8')).toBe(false)
  expect(peers.allows('2001:4860:4860::8888')).toBe(false)
})

it('isLoopback() knows addresses of this machine alone', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true)
  for (const address of ['128.0.0.1', '0.0.0.0', '::', '127.evil.test', '']) expect(isLoopback(address)).toBe(false)
})
