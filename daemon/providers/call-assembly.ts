// Calls as they come in pieces, made equal: each with a name, an id of its own and arguments that are JSON.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { newCallId } from './call-ids.ts'
import type { KeptCall } from './keepsakes.ts'

export interface OpenCall {
  /** The vendor's own id; empty where it gave none. */
  readonly vendorId: string
  /** Its arguments so far. */
  readonly text: string
  /** Says more of the call: empty where there is nothing new. */
  add(piece: { readonly id?: string; readonly name?: string; readonly text: string }, parts: StreamPart[]): void
}

export interface CallAssembly {
  readonly size: number
  /** `id`: as the vendor names the call; empty where it does not. */
  open(id: string): OpenCall
  /** The answer is whole: a call without arguments gets an empty object. */
  close(parts: StreamPart[]): readonly KeptCall[]
}

export function createCallAssembly(): CallAssembly {
  const calls: (OpenCall & { close(parts: StreamPart[]): readonly KeptCall[] })[] = []
  const used = new Set<string>()
  return {
    get size() {
      return calls.length
    },
    open,
    close: (parts) => calls.flatMap((call) => call.close(parts)),
  }

  function open(id: string): OpenCall {
    let callId = id
    let vendorId = id
    let name = ''
    let text = ''
    let waiting = ''
    let begun = false
    const call = {
      get vendorId() {
        return vendorId
      },
      get text() {
        return text
      },
      add,
      close,
    }
    calls.push(call)
    return call

    function add(piece: Parameters<OpenCall['add']>[0], parts: StreamPart[]): void {
      if (vendorId === '') vendorId = piece.id ?? ''
      if (!begun && callId === '') callId = vendorId
      if (name === '') name = piece.name ?? ''
      text += piece.text
      waiting += piece.text
      // Whoever reads a call wants to know first what is called.
      if (name === '' || (begun && waiting === '')) return
      begin()
      parts.push({ type: 'tool-call-delta', callId, name, text: waiting })
      waiting = ''
    }

    /** Some vendors number the calls of each answer anew, or give all of them one name. */
    function begin(): void {
      if (begun) return
      begun = true
      if (callId === '' || used.has(callId)) callId = newCallId()
      used.add(callId)
    }

    function close(parts: StreamPart[]): readonly KeptCall[] {
      if (!begun) return []
      if (text.trim() === '') add({ text: '{}' }, parts)
      return [{ callId, name, text }]
    }
  }
}
