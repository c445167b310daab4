// The providers that natterd knows without settings, as far as commands must know them before they ask it.

/** In the order they are offered. */
export const CLOUD_PROVIDERS: readonly string[] = [
  'openai',
  'anthropic',
  'gemini',
  'openrouter',
  'groq',
  'mistral',
  'deepseek',
  'xai',
]

/** Servers on the user's machine: what they lack is never a key. */
export const LOCAL_SERVERS: readonly string[] = ['ollama', 'llamacpp', 'lmstudio', 'vllm']
