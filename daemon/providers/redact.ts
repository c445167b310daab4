// Takes keys out of whatever a server said, before anybody can log, store or show it.

import { redact } from '../../src/protocol/redact.ts'
import type { Endpoint } from './provider.ts'

export type Redact = (text: string) => string

/** Removes the endpoint's own secrets by value and other keys by their look. */
export function createRedact(endpoint: Endpoint): Redact {
  const secrets = secretsOf(endpoint)
  return (text) => redact(text, secrets)
}

function secretsOf(endpoint: Endpoint): readonly string[] {
  const secrets = [endpoint.apiKey, ...Object.values(endpoint.headers), passwordOf(endpoint.proxy)]
  return secrets.filter((secret) => secret !== null)
}

function passwordOf(proxy: string | null): string | null {
  if (proxy === null || !URL.canParse(proxy)) return null
  return decodeURIComponent(new URL(proxy).password)
}

/** As one line, because an error's message is one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
