// Which proxy a base URL is reached through, by the variables that curl and others read.

export interface ProxyVariables {
  readonly HTTP_PROXY?: string
  readonly HTTPS_PROXY?: string
  /** Hosts that are reached straight: `example.com`, `.example.com`, `host:port`, `*`; commas or blanks between them. */
  readonly NO_PROXY?: string
}

/** The proxy's address, or null for a straight connection; this machine is never reached through one. */
export function proxyFor(baseUrl: string, variables: ProxyVariables): string | null {
  if (!URL.canParse(baseUrl)) return null
  const url = new URL(baseUrl)
  if (isLoopback(url.hostname)) return null
  const proxy = url.protocol === 'https:' ? variables.HTTPS_PROXY : variables.HTTP_PROXY
  if (proxy === undefined || proxy === '' || isExempt(url, variables.NO_PROXY ?? '')) return null
  // An address that cannot be read is kept too: going straight instead would tell the server whom the proxy hides.
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks:', 'socks5:'])

/** Whether a proxy can be reached by that URL at all. */
export function isProxyUrl(proxy: string): boolean {
  return URL.canParse(proxy) && SCHEMES.has(new URL(proxy).protocol)
}

/** The URL with a name and a password that can be decoded: in one that cannot, every "%" stands for itself. */
export function toDecodable(proxy: string): string {
  if (!URL.canParse(proxy)) return proxy
  const url = new URL(proxy)
  if (decode(url.username) === null) url.username = encodeURIComponent(url.username)
  if (decode(url.password) === null) url.password = encodeURIComponent(url.password)
  return url.href
}

/** The password as written and as decoded; none where there is none. */
export function passwordForms(proxy: string): readonly string[] {
  const written = URL.canParse(proxy) ? new URL(proxy).password : /:\/\/[^:@/]*:([^@]*)@/.exec(proxy)?.[1]
  if (written === undefined || written === '') return []
  return [written, decode(written)].filter((form) => form !== null)
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A "%" that begins no byte, or bytes that are no text.
    return null
  }
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
