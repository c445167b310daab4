// Every wire format against the one contract.

import type { WireFormat } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { describeProvider, type OpenedProvider } from '../../contracts/provider.ts'
import { startAimock } from '../../helpers/aimock.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

const MODELS: { readonly [Format in WireFormat]: string } = {
  'openai-chat': 'gpt-5.5',
  'openai-responses': 'gpt-5.5',
  anthropic: 'claude-opus-5-5',
  gemini: 'gemini-3.8-flash',
  demo: 'natter',
}

for (const format of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
  describeProvider(format, () => openNetwork(format), { network: true })
}
describeProvider('demo', openDemo, { network: false })

async function openNetwork(format: NetworkFormat): Promise<OpenedProvider> {
  const aimock = await startAimock()
  const providers = createProviders()
  return {
    model: MODELS[format],
    provider({ scenario, timers } = {}) {
      const baseUrl = scenario === undefined ? aimock.baseUrls[format] : aimock.labUrl(format, scenario)
      return providers.provider(endpointOf({ format, baseUrl }, timers))
    },
    nextCall: aimock.lab.nextCall,
    async [Symbol.asyncDispose]() {
      await providers.close()
      await aimock[Symbol.asyncDispose]()
    },
  }
}

async function openDemo(): Promise<OpenedProvider> {
  const providers = createProviders()
  return {
    model: MODELS.demo,
    provider: () => providers.provider(endpointOf({ format: 'demo' })),
    nextCall: () => Promise.reject(new Error('The demo has no server')),
    [Symbol.asyncDispose]: () => providers.close(),
  }
}
