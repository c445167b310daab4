import { expect, it } from 'vitest'
import type { ProviderMessage } from '../../../daemon/providers/provider.ts'
import { measurePictures, type Picture } from '../../../daemon/turn/picture-tokens.ts'
import { OWNER } from '../../../daemon/turn/plan.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

/** The head of one of 1024 by 1024 pixels. */
const PICTURE: Picture = { type: 'image', mediaType: 'image/png', base64: headOf(1024, 1024), detail: null }
const ADDRESS: Picture = { type: 'image-url', url: 'https://a.test/b.png', detail: 'low' }
const MESSAGE: ProviderMessage = { role: 'user', content: [{ type: 'text', text: 'look' }, PICTURE, ADDRESS] }

function headOf(width: number, height: number): string {
  const head = Buffer.alloc(33)
  head.write('\u0089PNG\r\n\u001a\n', 'latin1')
  head.writeUInt32BE(13, 8)
  head.write('IHDR', 12, 'latin1')
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return head.toString('base64')
}

it('measurePictures() counts a picture as its model does', async () => {
  const count = await measurePictures([MESSAGE])
  // Four tiles of 170 and a base of 85, once its shorter side is 768.
  expect(count('openai/gpt-4o', PICTURE)).toBe(765)
  expect(count('openai/gpt-4o', ADDRESS)).toBe(85)
  expect(count('gemini/gemini-3-pro', PICTURE)).toBe(1120)
})

it('a turn with pictures counts them in what is sent', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const asked = { turnId: createId('trn'), prompt: 'look', model: 'gemini/gemini-3-pro', origin: 'api' } as const
  test.keys.set('gemini', 'key')
  const brought = { messages: [MESSAGE], tools: null, responseFormat: null }
  const { turnId } = await turns.start(asked, { ...OWNER, brought })
  await until(() => turns.active === 0)
  const { story } = await test.rooms.store.turns.why(turnId)
  expect(story?.context?.sentTokens).toBe(4 + 'look'.length + 1120 + 280)
})
