// A start that comes again under its id must ask the same: whoever uses an id twice would take another's answer for his.

import { createHash } from 'node:crypto'
import { NatterError } from '../../src/protocol/errors.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { RequestOf } from '../../src/protocol/schema/operations.ts'
import { textOf } from '../../src/protocol/stream.ts'
import { createRecent } from '../recent.ts'
import type { Store } from '../store/store.ts'

type Question = Pick<RequestOf<'turns.start'>, 'turnId' | 'prompt' | 'conversationId'>

export interface Questions {
  /** Throws `conflict` where its id is known to be that of another question. */
  check(question: Question): void
  add(question: Question): void
}

/** The newest `max` of them, without their text. */
export function createQuestions(max: number): Questions {
  const digests = createRecent<Question['turnId'], string>(max)
  return {
    check(question) {
      const known = digests.get(question.turnId)
      if (known !== undefined && known !== digestOf(question)) throw conflict(question)
    },
    add: (question) => digests.add(question.turnId, digestOf(question)),
  }
}

/** Throws `conflict` where what is stored under its id is another question. */
export async function checkStored({ messages }: Store, earlier: Turn, question: Question): Promise<void> {
  const { conversationId = earlier.conversationId } = question
  const message = await messages.get(earlier.userMessageId)
  const isSame = message === null || textOf(message.parts) === question.prompt
  if (!isSame || conversationId !== earlier.conversationId) throw conflict(question)
}

function digestOf({ prompt, conversationId }: Question): string {
  return createHash('sha256')
    .update(`${conversationId ?? ''}\n${prompt}`)
    .digest('base64')
}

function conflict({ turnId }: Question): NatterError {
  return new NatterError('conflict', `Cannot start turn "${turnId}": another question has that id`, {
    hint: 'Make a new id for each question; the same id repeats the same start',
  })
}
