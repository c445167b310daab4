// The provider variables that a client hands over from its shell.

import type { Infer } from './infer.ts'

/** Provider variables of the caller's shell; they win for this turn and are neither logged nor stored. */
export const environmentSchema = {
  type: 'object',
  properties: {
    OPENAI_API_KEY: { type: 'string' },
    OPENAI_BASE_URL: { type: 'string' },
    ANTHROPIC_API_KEY: { type: 'string' },
    ANTHROPIC_BASE_URL: { type: 'string' },
    GEMINI_API_KEY: { type: 'string' },
    GOOGLE_API_KEY: { type: 'string' },
    GEMINI_BASE_URL: { type: 'string' },
    OPENROUTER_API_KEY: { type: 'string' },
    GROQ_API_KEY: { type: 'string' },
    MISTRAL_API_KEY: { type: 'string' },
    DEEPSEEK_API_KEY: { type: 'string' },
    XAI_API_KEY: { type: 'string' },
    OLLAMA_HOST: { type: 'string' },
    HTTP_PROXY: { type: 'string' },
    HTTPS_PROXY: { type: 'string' },
    NO_PROXY: { type: 'string' },
  },
  additionalProperties: false,
} as const
export type ProviderEnvironment = Infer<typeof environmentSchema>
export const PROVIDER_VARIABLES = Object.keys(environmentSchema.properties) as readonly (keyof ProviderEnvironment)[]
