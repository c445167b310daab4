// Providers that are servers on the user's machine: what they lack is never a key.

export const LOCAL_SERVERS: readonly string[] = ['ollama', 'llamacpp', 'lmstudio', 'vllm']
