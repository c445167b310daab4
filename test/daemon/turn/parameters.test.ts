// What a request may say of how it is answered.

import { expect, it } from 'vitest'
import { estimateTurn } from '../../../daemon/turn/estimate.ts'
import { mergeParameters } from '../../../daemon/turn/parameters.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms } from '../../helpers/rooms.ts'

it.each([
  ['model', 'evil', 'Name the model with -m'],
  ['Model', 'evil', 'Name the model with -m'],
  ['messages', [], 'Write it into the prompt'],
  ['input', [], 'Write it into the prompt'],
  ['contents', [], 'Write it into the prompt'],
  ['system', 'x', 'Set the system prompt with -s'],
  ['system_instruction', {}, 'Set the system prompt with -s'],
  ['systemInstruction', {}, 'Set the system prompt with -s'],
  ['instructions', 'x', 'Set the system prompt with -s'],
  ['max_tokens', 9, 'Set it with -o maxOutputTokens=NUMBER'],
  ['stream', false, 'Leave it out'],
  ['stream_options', {}, 'Leave it out'],
  ['store', true, 'Leave it out'],
])('mergeParameters() refuses -o %s, which natter sets itself', (name, value, hint) => {
  const refusal = { code: 'invalid-request', message: `Cannot send "-o ${name}=…": natter sets it`, hint }
  expect(() => mergeParameters({ extra: { [name]: value } }, null)).toThrow(expect.objectContaining(refusal))
})

it('mergeParameters() lets the request win, and passes what only a provider knows', () => {
  const conversation = { parameters: { temperature: 1, seed: 1 } } as never
  const request = { temperature: 0.5, extra: { top_k: 4, tools: [{ type: 'web_search' }], think: true } }
  expect(mergeParameters(request, conversation)).toEqual({ ...request, seed: 1 })
})

it('createTurns() and estimateTurn() refuse such a setting before anybody is called', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const parameters = { extra: { model: 'evil' } }
  const asked = { prompt: 'q', model: 'ollama/x', origin: 'script', parameters } as const
  const refusal = { code: 'invalid-request', message: 'Cannot send "-o model=…": natter sets it' }
  await expect(turns.start({ ...asked, turnId: createId('trn') })).rejects.toMatchObject(refusal)
  await expect(estimateTurn(test.rooms, asked)).rejects.toMatchObject(refusal)
  expect(test.provider.calls).toEqual([])
})
