import { expect, it } from 'vitest'
import { BOUNDS } from '../../../src/protocol/bounds.ts'

it('BOUNDS.requestBytes holds the largest prompt and system prompt, also where JSON writes each byte of them as two', () => {
  for (const doubled of ['\n', '"', '\\', '\t']) {
    const body = JSON.stringify({
      ...{ turnId: 'trn_01890000000070008000000000000000', origin: 'script', model: 'm'.repeat(200) },
      prompt: doubled.repeat(BOUNDS.promptBytes),
      system: doubled.repeat(BOUNDS.systemChars),
    })
    expect(Buffer.byteLength(body)).toBeLessThan(BOUNDS.requestBytes - 1_000_000)
  }
})
