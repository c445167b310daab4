// All commands: their names and summaries for help, their code only when they are called.

import type { CommandTable } from './command-module.ts'

export const COMMANDS: CommandTable = {
  ps: { summary: 'what runs now', load: () => import('./ps.ts') },
  wait: { summary: 'wait for an answer and print it', load: () => import('./wait.ts') },
  tail: { summary: 'follow an answer as it comes', load: () => import('./tail.ts') },
  retry: { summary: 'ask the same question again', load: () => import('./retry.ts') },
  continue: { summary: 'have a broken answer go on', load: () => import('./continue.ts') },
  why: { summary: 'what was sent for an answer, and who was asked', load: () => import('./why.ts') },
  stop: { summary: 'stop an answer and keep what it has said', load: () => import('./stop.ts') },
  last: { summary: 'print the last answer again, or its code', load: () => import('./last.ts') },
  history: { summary: 'list, show, search, export or remove conversations', load: () => import('./history.ts') },
  status: { summary: 'limits, queue and spending', load: () => import('./status.ts') },
  usage: { summary: 'tokens and cost by day, model, device or conversation', load: () => import('./usage.ts') },
  serve: { summary: 'let programs ask through natter, as they ask OpenAI', load: () => import('./serve.ts') },
  devices: { summary: 'list or revoke tokens, and limit what is spent with them', load: () => import('./devices.ts') },
  models: { summary: 'list models and their prices', load: () => import('./models.ts') },
  keys: { summary: 'set, list or remove API keys', load: () => import('./keys.ts') },
  config: { summary: 'read, change or edit settings', load: () => import('./config.ts') },
  templates: { summary: 'list prompt templates', load: () => import('./templates.ts') },
  daemon: { summary: 'start, stop or look at natterd', load: () => import('./daemon.ts') },
  doctor: { summary: 'check that everything is in order', load: () => import('./doctor.ts') },
  completion: { summary: 'print the completion script of a shell', load: loadCompletion },
}

/** It offers what this table holds. */
async function loadCompletion() {
  const { createCompletion } = await import('./completion.ts')
  return createCompletion(COMMANDS)
}
