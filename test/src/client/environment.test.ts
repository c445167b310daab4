import { expect, it } from 'vitest'
import { providerEnvironment } from '../../../src/client/environment.ts'

it('providerEnvironment() hands over what is set, and knows both spellings of a proxy', () => {
  const env = { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: '', https_proxy: 'http://proxy:3128', PATH: '/bin' }
  expect(providerEnvironment(env)).toEqual({ OPENAI_API_KEY: 'sk-1', HTTPS_PROXY: 'http://proxy:3128' })
})

it('providerEnvironment() leaves out the address and token of natterd itself', () => {
  const token = `nt_${'0123456789abcdef'}_${'x'.repeat(43)}`
  const env = { OPENAI_API_KEY: token, OPENAI_BASE_URL: 'http://127.0.0.1:8787/v1', GEMINI_API_KEY: 'g' }
  expect(providerEnvironment(env)).toEqual({ GEMINI_API_KEY: 'g' })
})
