// Peers that show wrong tokens again and again are not listened to for a while.

import { isLoopback } from './trust-peers.ts'
import { plainAddress } from './trust-request.ts'

/** So many wrong tokens within a minute … */
export const WRONG_TOKENS_MAX = 10
/** … and the peer waits as long. */
const WINDOW_MS = 60_000
/** More are not remembered; who showed the last wrong token longest ago is forgotten first. */
const PEERS_MAX = 1_000

export interface Lockout {
  /** How long that peer still has to wait, in milliseconds; 0: it may try. */
  waitMs(address: string): number
  /** Counts a wrong token; true where it is the one too many. */
  wrong(address: string): boolean
}

interface Tries {
  count: number
  until: number
}

export function createLockout(now: () => number): Lockout {
  const peers = new Map<string, Tries>()
  return {
    waitMs(address) {
      const tries = peers.get(peerOf(address))
      return tries === undefined || tries.count < WRONG_TOKENS_MAX ? 0 : Math.max(0, tries.until - now())
    },
    wrong(address) {
      const peer = peerOf(address)
      const known = peers.get(peer)
      const tries = known !== undefined && known.until > now() ? known : { count: 0, until: now() + WINDOW_MS }
      tries.count += 1
      if (tries.count === WRONG_TOKENS_MAX) tries.until = now() + WINDOW_MS
      peers.delete(peer)
      peers.set(peer, tries)
      forgetOldest()
      return tries.count === WRONG_TOKENS_MAX
    },
  }

  function forgetOldest(): void {
    const [oldest] = peers.keys()
    if (peers.size > PEERS_MAX && oldest !== undefined) peers.delete(oldest)
  }
}

/** All programs and users of this machine share its address, so a right token of theirs counts whoever else guesses. */
export function isSpared(address: string): boolean {
  return isLoopback(address)
}

/** Of IPv6 the network, in which one machine may take as many addresses as it likes. */
function peerOf(address: string): string {
  const plain = plainAddress(address)
  return plain.includes(':') ? networkOf(plain) : plain
}

/** The first 64 bits. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4).join(':')
}
