// The calls of a Responses stream: items of their own, whose arguments come in pieces and then once more as a whole.

import type { StreamPart } from '../../../src/protocol/stream.ts'
import { createCallAssembly, type OpenCall } from '../call-assembly.ts'
import { type JsonObject, toObject, toText } from '../json.ts'

export interface ResponsesCalls {
  readonly size: number
  /** An event of an item, or of a call's arguments; those of other kinds say nothing. */
  read(event: JsonObject, parts: StreamPart[]): void
  /** An item of a whole response; one that was read before says nothing new. */
  readItem(item: JsonObject, parts: StreamPart[]): void
  close(parts: StreamPart[]): void
}

export function createResponsesCalls(): ResponsesCalls {
  const assembly = createCallAssembly()
  const open = new Map<unknown, OpenCall>()
  return {
    get size() {
      return assembly.size
    },
    read,
    readItem: (item, parts) => readCall(item, undefined, parts),
    close: (parts) => void assembly.close(parts),
  }

  function read(event: JsonObject, parts: StreamPart[]): void {
    const item = toObject(event['item'])
    if (item !== null) {
      readCall(item, event['output_index'], parts)
      return
    }
    const call = open.get(event['item_id']) ?? open.get(event['output_index'])
    if (call === undefined) return
    const delta = toText(event['delta'])
    if (delta === null) complete(call, toText(event['arguments']), parts)
    else call.add({ text: delta }, parts)
  }

  function readCall(item: JsonObject, index: unknown, parts: StreamPart[]): void {
    if (item['type'] !== 'function_call') return
    const id = toText(item['call_id']) ?? ''
    const known = open.get(item['id']) ?? open.get(id) ?? open.get(index)
    const call = known ?? assembly.open(id)
    for (const key of [item['id'], id, index]) if (key !== undefined && key !== '') open.set(key, call)
    if (known === undefined) call.add({ name: toText(item['name']) ?? '', text: '' }, parts)
    complete(call, toText(item['arguments']), parts)
  }

  /** The whole counts where no piece of it came. */
  function complete(call: OpenCall, text: string | null, parts: StreamPart[]): void {
    if (text !== null && call.text === '') call.add({ text }, parts)
  }
}
