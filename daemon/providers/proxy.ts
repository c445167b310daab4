// Which proxy a base URL is reached through, by the variables that curl and others read.

export interface ProxyVariables {
  readonly HTTP_PROXY?: string
  readonly HTTPS_PROXY?: string
  /** Hosts that are reached straight: `example.com`, `.example.com`, `host:port`, `*`; commas or blanks between them. */
  readonly NO_PROXY?: string
}

/** The proxy's URL, or null for a straight connection; this machine is never reached through one. */
export function proxyFor(baseUrl: string, variables: ProxyVariables): string | null {
  if (!URL.canParse(baseUrl)) return null
  const url = new URL(baseUrl)
  if (isLoopback(url.hostname)) return null
  const proxy = url.protocol === 'https:' ? variables.HTTPS_PROXY : variables.HTTP_PROXY
  if (proxy === undefined || proxy === '' || isExempt(url, variables.NO_PROXY ?? '')) return null
  const address = proxy.includes('://') ? proxy : `http://${proxy}`
  return URL.canParse(address) ? address : null
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host)
}

function isExempt(url: URL, list: string): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (onlyPort !== undefined && onlyPort !== port) return false
      return entry === '*' || url.hostname === name || url.hostname.endsWith(`.${name}`)
    })
}
