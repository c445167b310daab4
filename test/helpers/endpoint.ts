// An endpoint for tests: everything given, patient timers.

import type { Endpoint, StreamTimers } from '../../daemon/providers/provider.ts'

export const TEST_KEY = 'sk-test-0123456789abcdef'
const PATIENT: StreamTimers = { connect: 10_000, firstByte: 10_000, progress: 10_000, total: 20_000 }

export function endpointOf(given: Partial<Endpoint>, timers: Partial<StreamTimers> = {}): Endpoint {
  return {
    provider: 'acme',
    format: 'openai-chat',
    baseUrl: 'http://127.0.0.1:9/v1',
    apiKey: TEST_KEY,
    headers: {},
    local: false,
    proxy: null,
    ...given,
    timers: { ...PATIENT, ...timers },
  }
}
