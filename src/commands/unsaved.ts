// A word on an answer that is complete and not on the disk: it decides no exit code.

import type { TurnResult } from '../client/follow-turn.ts'
import type { CommandContext } from './context.ts'

export function noteUnsaved({ note }: CommandContext, { unsaved }: TurnResult): void {
  if (unsaved === undefined) return
  note(unsaved.message)
  if (unsaved.hint !== null) note(unsaved.hint)
}
