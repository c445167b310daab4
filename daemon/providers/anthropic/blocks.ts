// The blocks of one answer of Anthropic: calls become parts, and the whole is put together as it has to go back.

import type { StreamPart } from '../../../src/protocol/stream.ts'
import { type CallAssembly, createCallAssembly, type OpenCall } from '../call-assembly.ts'
import { type JsonObject, toText } from '../json.ts'
import type { KeptCall } from '../keepsakes.ts'
import { toArguments } from '../tool-turns.ts'
import type { KeptTurn } from './content.ts'

export interface Blocks {
  start(index: unknown, block: JsonObject, parts: StreamPart[]): void
  add(index: unknown, delta: JsonObject, parts: StreamPart[]): void
  /** The answer is whole. Its first call, and all blocks that have to come back with it; nothing where none was made. */
  close(parts: StreamPart[]): readonly { readonly call: KeptCall; readonly turn: KeptTurn }[]
}

interface Block {
  readonly type: string
  /** Of thoughts that nobody may read. */
  readonly data: string
  readonly call: OpenCall | null
  text: string
  signature: string
}

export function createBlocks(): Blocks {
  const calls = createCallAssembly()
  const blocks = new Map<unknown, Block>()
  return { start, add, close }

  function start(index: unknown, block: JsonObject, parts: StreamPart[]): void {
    const type = toText(block['type']) ?? ''
    const known: Block = {
      type,
      data: toText(block['data']) ?? '',
      call: type === 'tool_use' ? openCall(calls, block, parts) : null,
      text: toText(block['text']) ?? toText(block['thinking']) ?? '',
      signature: toText(block['signature']) ?? '',
    }
    blocks.set(index, known)
  }

  function add(index: unknown, delta: JsonObject, parts: StreamPart[]): void {
    const block = blocks.get(index)
    if (block === undefined) return
    block.text += toText(delta['text']) ?? toText(delta['thinking']) ?? ''
    block.signature += toText(delta['signature']) ?? ''
    block.call?.add({ text: toText(delta['partial_json']) ?? '' }, parts)
  }

  function close(parts: StreamPart[]): ReturnType<Blocks['close']> {
    const made = calls.close(parts)
    const [call] = made
    if (call === undefined) return []
    const left = [...made]
    return [{ call, turn: [...blocks.values()].flatMap((block) => toBlock(block, left)) }]
  }
}

/** The input stands in the start of the block where the answer is no stream. */
function openCall(calls: CallAssembly, block: JsonObject, parts: StreamPart[]): OpenCall {
  const call = calls.open(toText(block['id']) ?? '')
  const input = JSON.stringify(block['input'] ?? {})
  call.add({ name: toText(block['name']) ?? '', text: input === '{}' ? '' : input }, parts)
  return call
}

/** `made`: the calls in their order, from which each block takes its own. */
function toBlock({ type, data, text, signature }: Block, made: KeptCall[]): readonly JsonObject[] {
  switch (type) {
    case 'text':
      return text === '' ? [] : [{ type, text }]
    case 'thinking':
      return [{ type, thinking: text, signature }]
    case 'redacted_thinking':
      return [{ type, data }]
    case 'tool_use': {
      const call = made.shift()
      return call === undefined ? [] : [{ type, id: call.callId, name: call.name, input: toArguments(call.text) }]
    }
    default:
      return []
  }
}
