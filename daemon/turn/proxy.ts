// Which proxy a URL goes through, by the variables that curl and others know.

import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'

/** Null: straight. */
export function proxyFor(url: string, environment: ProviderEnvironment): string | null {
  const { hostname, port, protocol } = new URL(url)
  const proxy = protocol === 'https:' ? environment.HTTPS_PROXY : environment.HTTP_PROXY
  if (proxy === undefined || proxy === '' || isLoopback(hostname)) return null
  if (isExempt(hostname, port, environment.NO_PROXY ?? '')) return null
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

/** `NO_PROXY`: names and their subdomains, with or without a leading dot and a port, or `*`. */
function isExempt(hostname: string, port: string, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true
    const [name = '', only] = entry
      .toLowerCase()
      .replace(/^\*?\./, '')
      .split(':')
    if (name === '' || (only !== undefined && only !== port)) return false
    return hostname === name || hostname.endsWith(`.${name}`)
  })
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
