// Provider variables that point at natterd's own door: for other programs of this shell, and none for natter itself.

import { pointsAtOwnDoor } from '../client/environment.ts'
import type { CommandContext } from './context.ts'

/** Said where no provider is left, since it looks as if there were one. */
export function noteOwnDoor({ env, note }: Pick<CommandContext, 'env' | 'note'>): void {
  if (!pointsAtOwnDoor(env)) return
  note('OPENAI_API_KEY and OPENAI_BASE_URL of this shell point at natter itself, so natter does not use them')
}

/** Of a model that answers where no provider is there. */
export function isLastResort({ model, notice }: { readonly model: string; readonly notice: string | null }): boolean {
  return notice !== null && model.startsWith('demo/')
}
