// Takes keys out of whatever a server said, before anybody can log, store or show it.

import { redact } from '../../src/protocol/redact.ts'
import type { Endpoint } from './provider.ts'
import { passwordForms } from './proxy.ts'

export type Redact = (text: string) => string

/** Removes the endpoint's own secrets by value and other keys by their look. */
export function createRedact(endpoint: Endpoint): Redact {
  const secrets = secretsOf(endpoint)
  return (text) => redact(text, secrets)
}

function secretsOf(endpoint: Endpoint): readonly string[] {
  const { apiKey, headers, proxy } = endpoint
  const secrets = [apiKey, ...Object.values(headers), ...(proxy === null ? [] : passwordForms(proxy))]
  // Half a character cannot be encoded, and travels in no header.
  return secrets.flatMap((secret) => (secret === null ? [] : [secret.toWellFormed()]))
}

/** As one line, because an error's message is one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
