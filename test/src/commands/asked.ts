// Conversations to find, made quickly over the daemon's socket.

import { createId } from '../../../src/protocol/ids.ts'
import type { ResponseOf } from '../../../src/protocol/schema/operations.ts'
import { clientOf, type Home } from '../../helpers/home.ts'
import { until } from '../../helpers/until.ts'

export type Asked = ResponseOf<'turns.start'>

export interface AskedOptions {
  readonly conversationId?: Asked['conversationId']
  /** The answer is so many words; without it, the demo's own text. */
  readonly words?: number
}

/** Resolves when the answer is kept. */
export async function askDemo(home: Home, prompt: string, options: AskedOptions = {}): Promise<Asked> {
  const client = clientOf(home)
  const { conversationId, words } = options
  const asked = await client.call('turns.start', {
    turnId: createId('trn'),
    prompt,
    model: 'demo/natter',
    origin: 'api',
    place: { tty: null, directory: home.directory },
    parameters: { extra: { delayMs: 0, ...(words === undefined ? {} : { words }) } },
    ...(conversationId === undefined ? {} : { conversationId }),
  })
  await until(async () => (await client.call('turns.get', { reference: asked.turnId })).turn.status === 'ended')
  return asked
}
