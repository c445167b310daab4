// Takes keys out of whatever a server said, before anybody can log, store or show it.

import type { Endpoint } from './provider.ts'

const MASK = '[redacted]'
/** A shorter value would blank out ordinary words. */
const SECRET_MIN = 6
const PATTERNS: readonly RegExp[] = [
  /\b(?:sk|gsk|xai|pk|rk|hf)[-_][\w*.-]{6,}/g,
  /\bAIza[\w*-]{10,}/g,
  /\b(bearer|basic)\s+[\w.~+/=*-]{6,}/gi,
  /("?(?:authorization|x-api-key|x-goog-api-key|api[-_]key)"?\s*[:=]\s*)"?[^\s",}]{6,}"?/gi,
]

export type Redact = (text: string) => string

/** Removes the endpoint's own secrets by value and other keys by their look. */
export function createRedact(endpoint: Endpoint): Redact {
  const secrets = secretsOf(endpoint)
  return (text) => {
    let clean = text
    for (const secret of secrets) clean = clean.replaceAll(secret, MASK)
    for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK)
    return clean
  }
}

function secretsOf(endpoint: Endpoint): readonly string[] {
  const secrets = [endpoint.apiKey, ...Object.values(endpoint.headers), passwordOf(endpoint.proxy)]
  return secrets.filter((secret): secret is string => secret !== null && secret.length >= SECRET_MIN)
}

function passwordOf(proxy: string | null): string | null {
  if (proxy === null || !URL.canParse(proxy)) return null
  return decodeURIComponent(new URL(proxy).password)
}

/** As one line, because an error's message is one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
