// Who may connect at all: this machine, private networks, and the networks that it is itself in.

import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { plainAddress } from './trust-request.ts'

/** Private, link-local and loopback: https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister. */
const PRIVATE = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
] as const

export interface Peers {
  /** Whether that address may connect. */
  allows(address: string | undefined): boolean
}

/** `configured` are further networks, as `100.64.0.0/10`; one that is none is passed over. */
export function createPeers(configured: readonly string[], onLink: () => readonly string[] = ownNetworks): Peers {
  const known = toList([...PRIVATE, ...configured])
  return {
    allows(address) {
      if (address === undefined) return false
      // Networks come and go with a laptop, so they are looked up for each who is not known otherwise.
      return isIn(known, address) || isIn(toList(onLink()), address)
    },
  }
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'))
}

function ownNetworks(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).flatMap(({ cidr }) => cidr ?? []))
}

function toList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) addNetwork(list, network)
  return list
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', bits] = plainAddress(network.replace(/%[^/]*/, '')).split('/')
  try {
    list.addSubnet(address, Number(bits), familyOf(address))
  } catch {
    // No network: nobody is let in by it.
  }
}

function isIn(list: BlockList, address: string): boolean {
  const plain = plainAddress(address)
  return list.check(plain, familyOf(plain))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
