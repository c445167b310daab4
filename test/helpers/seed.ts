// Fills a store with synthetic conversations, fast, for benchmarks and tests of size.

import Database from 'better-sqlite3'
import { openStore } from '../../daemon/store/sqlite-store.ts'
import { createId } from '../../src/protocol/ids.ts'

export interface SeedOptions {
  readonly file: string
  /** Half questions, half answers; rounded down to whole turns. */
  readonly messages: number
  readonly seed?: number
  /** Words of a message: this many on average. */
  readonly wordsPerMessage?: number
  readonly turnsPerConversation?: number
}

export interface Seeded {
  readonly conversations: number
  readonly messages: number
  /** All words, the most frequent first: the word at n stands about 1/(n+1) as often as the first. */
  readonly vocabulary: readonly string[]
}

const VOCABULARY_SIZE = 20_000
const TURNS_PER_TRANSACTION = 5_000

/** Makes the store where it is missing, adds the messages past its interface, and leaves it closed and indexed. */
export async function seedStore(options: SeedOptions): Promise<Seeded> {
  const { file, messages, turnsPerConversation = 10 } = options
  const store = await openStore({ file })
  await store.close()
  const database = new Database(file)
  try {
    database.pragma('synchronous = OFF')
    const words = createWords(options.seed ?? 1, options.wordsPerMessage ?? 90)
    const turns = Math.floor(messages / 2)
    const addTurn = createAddTurn(database, words, turnsPerConversation)
    const addTurns = database.transaction((from: number, to: number) => {
      for (let index = from; index < to; index += 1) addTurn(index)
    })
    for (let from = 0; from < turns; from += TURNS_PER_TRANSACTION) {
      addTurns(from, Math.min(turns, from + TURNS_PER_TRANSACTION))
    }
    database.exec(`INSERT INTO message_search (message_search) VALUES ('rebuild')`)
    database.exec(`INSERT INTO title_search (title_search) VALUES ('rebuild')`)
    // All of them have ended and are indexed: a start shall not look for what is missing (80 ms at 50,000 turns).
    database.exec(`
      UPDATE meta SET value = coalesce((SELECT max(turn_key) FROM turns), 0) WHERE name = 'settled_turn'
    `)
    const conversations = Math.ceil(turns / turnsPerConversation)
    return { conversations, messages: turns * 2, vocabulary: words.vocabulary }
  } finally {
    database.close()
  }
}

/** Turns as an importer would write them, ended, one a minute. */
function createAddTurn(
  database: Database.Database,
  words: Words,
  turnsPerConversation: number,
): (index: number) => void {
  const conversation = database.prepare(`
    INSERT INTO conversations (
      conversation_id, title, title_folded, parameters, message_count, cost_micros, created_at, used_at
    )
    VALUES (?, ?, ?, '{}', ?, 0, ?, ?)
  `)
  const leaf = database.prepare('UPDATE conversations SET leaf_id = ? WHERE conversation_id = ?')
  const message = database.prepare(`
    INSERT INTO messages (message_id, conversation_id, parent_id, turn_id, role, outcome, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
  `)
  const part = database.prepare(`INSERT INTO parts (message_key, position, type, text) VALUES (?, 0, 'text', ?)`)
  const turn = database.prepare(`
    INSERT INTO turns (
      turn_id, conversation_id, user_message_id, message_id, asked_model, origin, started_at, ended_at
    )
    VALUES (?, ?, ?, ?, 'demo/natter', 'oneshot', ?, ?)
  `)
  let conversationId = createId('cnv')
  let parentId: string | null = null
  const base = 1_700_000_000_000
  return (index) => {
    const at = base + index * 60_000
    if (index % turnsPerConversation === 0) {
      conversationId = createId('cnv', at)
      parentId = null
      const title = words.text(5)
      conversation.run(conversationId, title, title, turnsPerConversation * 2, at, at)
    }
    const [turnId, userMessageId, messageId] = [createId('trn', at), createId('msg', at), createId('msg', at)]
    const question = message.run(userMessageId, conversationId, parentId, turnId, 'user', null, at)
    const answer = message.run(messageId, conversationId, userMessageId, turnId, 'assistant', 'completed', at)
    part.run(question.lastInsertRowid, words.text())
    part.run(answer.lastInsertRowid, words.text())
    turn.run(turnId, conversationId, userMessageId, messageId, at, at + 1_000)
    leaf.run(messageId, conversationId)
    parentId = messageId
  }
}

interface Words {
  readonly vocabulary: readonly string[]
  /** So many words by Zipf's law, or a message of usual length. */
  text(count?: number): string
}

function createWords(seed: number, wordsPerMessage: number): Words {
  const random = createRandom(seed)
  const vocabulary = Array.from({ length: VOCABULARY_SIZE }, (_, index) => wordOf(index))
  const sums: number[] = []
  let total = 0
  for (let index = 0; index < VOCABULARY_SIZE; index += 1) {
    total += 1 / (index + 1)
    sums.push(total)
  }
  return { vocabulary, text }

  function text(count = 1 + Math.floor(random() * 2 * wordsPerMessage)): string {
    return Array.from({ length: count }, word).join(' ')
  }

  function word(): string {
    const target = random() * total
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < target) low = middle + 1
      else high = middle
    }
    return vocabulary[low] ?? ''
  }
}

const SYLLABLES = [
  'ba',
  'ce',
  'di',
  'fo',
  'gu',
  'ha',
  'je',
  'ki',
  'lo',
  'mu',
  'na',
  'pe',
  'ri',
  'so',
  'tu',
  'va',
  'we',
  'zo',
]

/** Different for every number: its digits, with syllables for digits. */
function wordOf(number: number): string {
  let word = ''
  for (let rest = number + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length] ?? ''
  }
  return word
}

/** mulberry32: small, seeded, even enough. */
function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
