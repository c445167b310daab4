// The providers whose models the catalogue knows.

interface Vendor {
  /** What models.dev calls it. */
  readonly modelsDev: string
  /** What the price package calls it. */
  readonly prices: string
}

/** By our name for them, in the order in which they are listed. */
export const VENDORS: { readonly [provider: string]: Vendor } = {
  openai: { modelsDev: 'openai', prices: 'openai' },
  anthropic: { modelsDev: 'anthropic', prices: 'anthropic' },
  gemini: { modelsDev: 'google', prices: 'google' },
  openrouter: { modelsDev: 'openrouter', prices: 'openrouter' },
  groq: { modelsDev: 'groq', prices: 'groq' },
  mistral: { modelsDev: 'mistral', prices: 'mistral' },
  deepseek: { modelsDev: 'deepseek', prices: 'deepseek' },
  xai: { modelsDev: 'xai', prices: 'x-ai' },
}
