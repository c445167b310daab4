// Which server is asked, for the few whose own ways are known.

import type { Endpoint } from '../provider.ts'

/** With its port, where the address names one; empty where the address is none. */
export function hostOf({ baseUrl }: Pick<Endpoint, 'baseUrl'>): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : ''
}
