// natter history backup and path.

import { resolve } from 'node:path'
import type { CommandContext } from '../context.ts'

export async function backup({ client, signal, note }: CommandContext, file: string): Promise<void> {
  const { file: written, bytes } = await client.call('store.backup', { file: resolve(file) }, signal)
  note(`wrote ${(bytes / 1_000_000).toFixed(1)} MB to "${written}"`)
}

export function showPath({ stdout, paths }: CommandContext): void {
  stdout.write(`${paths.data}/natter.db\n`)
}
