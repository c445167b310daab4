// What a vendor wants back with a call of a tool, and what clients that speak another format cannot carry for it.

import { createHash } from 'node:crypto'
import { parseJson } from './json.ts'
import type { Endpoint } from './provider.ts'
import type { ToolCall } from './tool-turns.ts'

/** A call as it was made; the same call, repeated by the client, finds what was kept. */
export type KeptCall = Pick<ToolCall, 'callId' | 'name' | 'text'>

/** Of one model at one endpoint: nothing that one of them wrote is shown to another. */
export interface Keepsakes<Value> {
  keep(call: KeptCall, value: Value): void
  /** Undefined where nothing is known of the call any more. */
  recall(call: KeptCall): Value | undefined
  forget(call: KeptCall): void
}

export interface KeepsakeRoom<Value> {
  of(endpoint: Pick<Endpoint, 'baseUrl' | 'apiKey'>, model: string): Keepsakes<Value>
}

/** Bounds of all that is kept; the oldest goes first. */
const CALLS_MAX = 10_000
const CHARS_MAX = 32_000_000

/** In memory only: a tool is answered within minutes, and the daemon need not keep the thoughts of a model. */
export function createKeepsakeRoom<Value>(charsMax = CHARS_MAX): KeepsakeRoom<Value> {
  const kept = new Map<string, { readonly value: Value; readonly chars: number }>()
  let chars = 0
  return {
    of({ baseUrl, apiKey }, model) {
      // Some servers only count their calls: with its arguments and its asker, a call is the same call.
      const keyOf = ({ callId, name, text }: KeptCall) =>
        createHash('sha256')
          .update(JSON.stringify([baseUrl, apiKey, model, callId, name, parseJson(text) ?? text]))
          .digest('base64')
      return {
        keep: (call, value) => add(keyOf(call), value),
        recall: (call) => kept.get(keyOf(call))?.value,
        forget: (call) => remove(keyOf(call)),
      }
    },
  }

  function add(key: string, value: Value): void {
    remove(key)
    const size = key.length + (JSON.stringify(value)?.length ?? 0)
    kept.set(key, { value, chars: size })
    chars += size
    for (const oldest of kept.keys()) {
      if (kept.size <= CALLS_MAX && chars <= charsMax) return
      remove(oldest)
    }
  }

  function remove(key: string): void {
    chars -= kept.get(key)?.chars ?? 0
    kept.delete(key)
  }
}
