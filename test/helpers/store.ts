// Stores in a temporary directory, and the values that tests put into them.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../daemon/store/sqlite-store.ts'
import type { NewConversation, Store, TurnEnd, TurnStart } from '../../daemon/store/store.ts'
import { createId } from '../../src/protocol/ids.ts'
import type { MessagePart } from '../../src/protocol/stream.ts'

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'natter-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface TemporaryStore extends AsyncDisposable {
  readonly store: Store
  readonly file: string
}

export async function openTemporaryStore(): Promise<TemporaryStore> {
  const directory = await temporaryDirectory()
  const file = join(directory.path, 'data', 'natter.db')
  const store = await openStore({ file })
  return {
    store,
    file,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

export function newConversation(values: Partial<NewConversation> = {}): NewConversation {
  return {
    conversationId: createId('cnv'),
    title: 'Untitled',
    model: null,
    system: null,
    parameters: {},
    fallback: null,
    createdAt: 1_000,
    ...values,
  }
}

/** A turn that opens its own conversation, unless told otherwise. */
export function newTurn(
  values: Partial<TurnStart> & { readonly prompt?: string; readonly title?: string } = {},
): TurnStart {
  const { prompt = 'Hello', title = 'Untitled', ...rest } = values
  const startedAt = values.startedAt ?? 1_000
  const conversationId = values.conversationId ?? createId('cnv')
  return {
    turnId: createId('trn'),
    conversationId,
    newConversation:
      values.conversationId === undefined ? newConversation({ conversationId, title, createdAt: startedAt }) : null,
    parentId: null,
    userMessageId: createId('msg'),
    messageId: createId('msg'),
    userParts: [{ type: 'text', text: prompt }],
    model: 'demo/natter',
    origin: 'oneshot',
    deviceId: null,
    place: null,
    startedAt,
    ...rest,
  }
}

export function endOf(turn: TurnStart, values: Partial<TurnEnd> & { readonly text?: string } = {}): TurnEnd {
  const { text = 'An answer', ...rest } = values
  const parts: readonly MessagePart[] = [{ type: 'text', text }]
  return {
    turnId: turn.turnId,
    messageId: turn.messageId,
    parts,
    model: turn.model,
    outcome: { type: 'completed' },
    finish: { reason: 'stop', raw: 'stop' },
    usage: {
      inputTokens: 10,
      outputTokens: 5,
      cachedInputTokens: 1,
      cacheWriteTokens: 2,
      reasoningTokens: 3,
      estimated: false,
    },
    costMicros: 42,
    story: null,
    firstPartMs: 7,
    endedAt: turn.startedAt + 100,
    attempts: [],
    ...rest,
  }
}

/** One turn from start to end. */
export async function saveTurn(
  store: Store,
  values: Parameters<typeof newTurn>[0] & { readonly answer?: string } = {},
): Promise<TurnStart> {
  const { answer = 'An answer', ...rest } = values
  const turn = newTurn(rest)
  await store.turns.start(turn)
  await store.turns.end(endOf(turn, { text: answer }))
  return turn
}
