import { expect, it } from 'vitest'
import { GarbageFailure } from '../../../daemon/providers/failures.ts'
import { createSseParser, type SseMessage } from '../../../daemon/providers/sse.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

it('createSseParser() gives one list for each feeding', () => {
  const parser = createSseParser()
  expect(parser.feed(bytes('data: a\n\ndata: b\n\nda'))).toEqual([message('a'), message('b')])
  expect(parser.feed(bytes('ta: c\n'))).toEqual([])
  expect(parser.feed(bytes('\n'))).toEqual([message('c')])
  expect(parser.end()).toEqual([])
})

it('createSseParser() gives the last message that lacks its blank line', () => {
  const parser = createSseParser()
  expect(parser.feed(bytes('data: [DONE]'))).toEqual([])
  expect(parser.end()).toEqual([message('[DONE]')])
})

it('createSseParser() keeps event names and passes comments over', () => {
  expect(createSseParser().feed(bytes(': hi\nevent: ping\ndata: {}\n\n'))).toEqual([message('{}', 'ping')])
})

it.each(['\n', '\r\n', '\r'])('createSseParser() takes lines that end with %j, cut anywhere', (end) => {
  const stream = bytes(`event: a${end}data: ü${end}${end}data: 2${end}${end}`)
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const parser = createSseParser()
    const messages = [...parser.feed(stream.subarray(0, cut)), ...parser.feed(stream.subarray(cut)), ...parser.end()]
    expect(messages, `cut at ${cut}`).toEqual([message('ü', 'a'), message('2')])
  }
})

it('createSseParser() shows what was no event', () => {
  const parser = createSseParser()
  parser.feed(bytes('upstream '))
  expect(parser.stray).toBeNull()
  parser.feed(bytes('connect error\n'))
  expect(parser.stray).toBe('upstream connect error')
})

it('createSseParser() refuses a message without end', () => {
  const parser = createSseParser()
  const part = bytes(`data: ${'x'.repeat(1_000_000)}\n`)
  expect(() => {
    for (let index = 0; index < 70; index += 1) parser.feed(part)
  }).toThrow(GarbageFailure)
})

function message(data: string, event: string | null = null): SseMessage {
  return { event, data }
}
