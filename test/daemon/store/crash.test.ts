// What a kill leaves behind: the child is really killed, in the middle of its writes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openStore } from '../../../daemon/store/sqlite-store.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { temporaryDirectory } from '../../helpers/store.ts'

const WRITER = fileURLToPath(new URL('../../helpers/store-writer.ts', import.meta.url))

interface Killed {
  readonly messageId: MessageId
  readonly userMessageId: MessageId
  readonly shown: readonly { readonly shown: number; readonly at: number }[]
}

/** Kills the writer once it has shown so many pieces. */
async function killAfter(file: string, pieces: number): Promise<Killed> {
  const child = spawn(process.execPath, [WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === pieces) child.kill('SIGKILL')
  }
  await exited
  const [ids, ...shown] = lines.map((line) => JSON.parse(line))
  return { ...ids, shown }
}

it('openStore() after kill -9 ends the turn once, with a gapless beginning of what was shown', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  for (const pieces of [30, 75, 120, 155, 210]) {
    const killed = await killAfter(file, pieces)
    const store = await openStore({ file })
    try {
      const recovered = await store.turns.recover(1)
      expect(recovered.map((message) => message.messageId)).toEqual([killed.messageId])
      expect(recovered[0]?.outcome).toMatchObject({ type: 'failed', error: { code: 'interrupted' } })
      expect(await store.messages.get(killed.userMessageId)).toMatchObject({ parts: [{ text: 'Count' }] })
      const saved = textOf(recovered[0]?.parts ?? [])
        .split(' ')
        .slice(0, -1)
      expect(saved).toEqual(saved.map((_, index) => `${index}`))
      expect(saved.length).toBeLessThanOrEqual(killed.shown.length + 1)
      if (pieces > 150) expect(saved.length).toBeGreaterThan(0)
      // The tick is 100 ms; the rest is what a busy machine may delay a timer.
      const firstLost = killed.shown[saved.length]?.at
      const last = killed.shown.at(-1)?.at ?? 0
      if (firstLost !== undefined) expect(last - firstLost).toBeLessThan(1_000)
      expect(await store.maintenance.check()).toMatchObject({ ok: true, problems: [] })
      expect(await store.turns.recover(2)).toEqual([])
    } finally {
      await store.close()
    }
  }
}, 60_000)
