// Operations on turns.

import { NatterError } from '../../src/protocol/errors.ts'
import { shortId } from '../../src/protocol/ids.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { Store } from '../store/store.ts'
import { isNamed } from '../turn/turn-view.ts'
import type { Turns } from '../turn/turns.ts'
import { findConversation } from './conversation-handlers.ts'
import type { Handlers } from './handlers.ts'

const CANDIDATES = 6

type TurnHandlers = Pick<Handlers, Extract<keyof Handlers, `turns.${string}`>>

export function createTurnHandlers(store: Store, turns: Turns, estimate: Handlers['turns.estimate']): TurnHandlers {
  return {
    'turns.start': (request) => turns.start(request),
    'turns.estimate': estimate,
    'turns.get': async ({ reference }) => ({ turn: await findTurn(store, turns, reference) }),
    'turns.why': async ({ reference }) => {
      const unkept = turns.why(reference)
      if (unkept !== null) return { ...unkept, attempts: [...unkept.attempts] }
      const turn = await findTurn(store, turns, reference)
      const { attempts, story } = await store.turns.why(turn.turnId)
      return { turn, attempts: [...attempts], story }
    },
    'turns.list': () => Promise.resolve({ turns: [...turns.list()] }),
    'turns.cancel': async ({ turnId }) => ({ cancelled: await turns.cancel(turnId) }),
  }
}

async function findTurn(store: Store, turns: Turns, reference: string): Promise<Turn> {
  const running = turns.list().find((turn) => isNamed(turn, reference))
  if (running !== undefined) return running
  const [only, ...others] = await store.turns.find(reference, CANDIDATES)
  if (only !== undefined && others.length === 0) return turns.get(only.turnId) ?? only
  if (only !== undefined) {
    const names = [only, ...others].map((turn) => `${shortId(turn.turnId)} "${turn.title}"`)
    throw new NatterError('ambiguous', `"${reference}" names more than one turn: ${names.join(', ')}`, {
      hint: 'Use the end of an id',
    })
  }
  const conversation = await findConversation(store, reference)
  const last = await store.turns.last(conversation.conversationId)
  if (last !== null) return turns.get(last.turnId) ?? last
  throw new NatterError('not-found', `Conversation "${conversation.title}" has no turn yet`, {
    hint: 'Start one with turns.start, or name another conversation',
  })
}
