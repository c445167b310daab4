// The calls of a Chat Completions stream, and what its imitators make of them.

import type { StreamPart } from '../../../src/protocol/stream.ts'
import { createCallAssembly, type OpenCall } from '../call-assembly.ts'
import { type JsonObject, parseJson, toList, toObject, toText } from '../json.ts'

export interface ChatCalls {
  readonly size: number
  read(delta: JsonObject, parts: StreamPart[]): void
  close(parts: StreamPart[]): void
}

interface Piece {
  readonly id: string
  readonly name: string
  readonly text: string
}

/** The place of a call of the old kind, of which an answer has only one. */
const OLD_KIND = -1

/**
 * By the standard a call has an index, and its id and name once. Imitators leave out the index (Ollama, Mistral), the
 * id, or both; give all calls the index 0 (Gemini); repeat ids and names as empty text; send arguments as an object.
 */
export function createChatCalls(): ChatCalls {
  const assembly = createCallAssembly()
  const open: { readonly index: number | null; readonly call: OpenCall }[] = []
  return {
    get size() {
      return assembly.size
    },
    read(delta, parts) {
      for (const value of toList(delta['tool_calls'])) {
        const piece = toObject(value)
        if (piece !== null) readCall(piece, toObject(piece['function']) ?? {}, parts)
      }
      const old = toObject(delta['function_call'])
      if (old !== null) readCall({ index: OLD_KIND }, old, parts)
    },
    close: (parts) => void assembly.close(parts),
  }

  function readCall(piece: JsonObject, described: JsonObject, parts: StreamPart[]): void {
    const index = typeof piece['index'] === 'number' ? piece['index'] : null
    const id = toText(piece['id']) ?? ''
    const name = toText(described['name']) ?? ''
    const text = toArgumentText(described['arguments'])
    const call = find(index, { id, name, text }) ?? begin(index, id)
    call.add({ id, name, text }, parts)
  }

  function find(index: number | null, piece: Piece): OpenCall | null {
    const { id, name } = piece
    const same = open.findLast((known) => (index === null ? isSameId(known.call, id) : known.index === index))
    if (same !== undefined) return isOver(same.call, piece) ? null : same.call
    // Nothing but a piece of the arguments: they belong to the call before.
    return index === null && id === '' && name === '' ? (open.at(-1)?.call ?? null) : null
  }

  function begin(index: number | null, id: string): OpenCall {
    const call = assembly.open(id)
    open.push({ index, call })
    return call
  }
}

function isSameId(call: OpenCall, id: string): boolean {
  return id !== '' && call.vendorId === id
}

/** Whether what comes in the place of a call is the next one. */
function isOver(call: OpenCall, { id, name, text }: Piece): boolean {
  if (id !== '' && call.vendorId !== '') return id !== call.vendorId
  return id === '' && name !== '' && text !== '' && parseJson(call.text) !== undefined
}

function toArgumentText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
