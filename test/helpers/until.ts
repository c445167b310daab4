// Waiting for a condition of another process, which sends no event: looked at often, with an end.

import { setTimeout as delay } from 'node:timers/promises'

export async function until(condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain: ${condition}`)
    await delay(5)
  }
}
