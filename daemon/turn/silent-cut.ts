// Servers that cut a conversation to what they hold, and say so to nobody but by the tokens that they report.

import { isLocal } from './endpoints.ts'
import type { Rooms } from './rooms.ts'

/** Our count is off by less than that, as a share … */
const SHARE = 0.6
/** … and by fewer tokens. */
const TOKENS = 500

/** What to say of it; null: what was sent was read. Ollama keeps half of its context where a prompt is longer. */
export function silentCut(
  rooms: Pick<Rooms, 'providers' | 'settings'>,
  { model, counted, reported }: { readonly model: string; readonly counted: number; readonly reported: number },
): string | null {
  if (reported >= SHARE * counted || counted - reported <= TOKENS) return null
  const provider = model.slice(0, model.indexOf('/'))
  if (!isLocal(rooms, provider)) return null
  const how =
    provider === 'ollama'
      ? 'start Ollama with OLLAMA_CONTEXT_LENGTH=…, or set num_ctx in the Modelfile'
      : 'start it with more'
  return (
    `"${provider}" says it read ${reported} of about ${counted} tokens: ` +
    `its context seems smaller than what was sent, so it left out the beginning; ${how}`
  )
}
