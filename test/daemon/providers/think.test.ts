import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createThinkSplitter } from '../../../daemon/providers/think.ts'
import { EMPTY_REPLY, fold, type MessagePart, type StreamPart } from '../../../src/protocol/stream.ts'

it.each<readonly [string, string, readonly MessagePart[]]>([
  ['reasoning first', '<think>a b</think>c', [reasoning('a b'), text('c')]],
  ['blank space around', '\n <think>\n a \n</think>\n\n c ', [reasoning('a'), text('c ')]],
  ['nothing thought', '<think>\n\n</think>\n\nc', [text('c')]],
  ['a tag later on', 'Use <think> here </think>.', [text('Use <think> here </think>.')]],
  ['another tag', '<thinking>a</thinking>', [text('<thinking>a</thinking>')]],
  ['no end', '<think>a b </th', [reasoning('a b </th')]],
  ['only the beginning of a tag', '<thi', [text('<thi')]],
  ['a second block', '<think>a</think>b<think>c</think>', [reasoning('a'), text('b<think>c</think>')]],
  ['empty', '', []],
])('createThinkSplitter() splits %s', (_name, given, expected) => {
  expect(split([given])).toEqual(expected)
  expect(split([...given])).toEqual(expected)
})

it('createThinkSplitter() splits the same wherever the text is cut', () => {
  const pieces = fc.array(fc.constantFrom('<think>', '</think>', '<', 'th', 'ink>', '</', ' ', '\n', 'word', '>'))
  fc.assert(
    fc.property(pieces, (words) => {
      expect(split(words)).toEqual(split([words.join('')]))
    }),
    { numRuns: 1000 },
  )
})

it('createThinkSplitter() loses no word', () => {
  const visible = (value: string) => value.replace(/<\/?think>|\s/g, '')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (thought, said) => {
      fc.pre(!thought.includes('<') && !said.includes('<'))
      const parts = split([`<think>${thought}</think>${said}`])
      expect(visible(parts.map((part) => part.text).join(''))).toBe(visible(thought + said))
    }),
  )
})

function split(chunks: readonly string[]): readonly MessagePart[] {
  const splitter = createThinkSplitter()
  const parts: StreamPart[] = []
  for (const chunk of chunks) splitter.push(chunk, parts)
  splitter.flush(parts)
  return parts.reduce(fold, EMPTY_REPLY).parts
}

function text(value: string): MessagePart {
  return { type: 'text', text: value }
}

function reasoning(value: string): MessagePart {
  return { type: 'reasoning', text: value }
}
