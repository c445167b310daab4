// Who is next: by priority, but nobody for ever; within one priority the conversations take turns.

export type Priority = 'interactive' | 'phone' | 'batch'

/** One waiting thing. */
export interface Waiting {
  readonly priority: Priority
  /** Those of one conversation share one turn in the round. */
  readonly conversationId: string
  /** Milliseconds of the limits' clock. */
  readonly since: number
}

export interface Head<Item extends Waiting> {
  readonly item: Item
  /** How long nobody of its priority had a turn while it waited, in milliseconds. */
  readonly neglectedMs: number
}

export interface FairQueue<Item extends Waiting> {
  readonly size: number
  push(item: Item): void
  /** The first of each priority that has any, most urgent first, left where they are. */
  heads(now: number): readonly Head<Item>[]
  /** It is its turn. */
  take(item: Item, now: number): void
  /** It waits no longer. */
  remove(item: Item): void
  /** All, in the order in which they would go if nobody came and nobody aged. */
  order(): readonly Item[]
  /** How many of those who wait would go before one that comes now, without building that order. */
  ahead(priority: Priority, conversationId: string): number
}

/**
 * A priority of which nobody had a turn for so long is as urgent as the next better one. Counted for each priority and
 * not for each that waits, or a crowd would be urgent all at once and stand before everybody who comes later.
 */
const AGING_MS = 5_000
const RANKS: { readonly [Name in Priority]: number } = { interactive: 0, phone: 1, batch: 2 }

export function createFairQueue<Item extends Waiting>(): FairQueue<Item> {
  const rounds: { readonly [Name in Priority]: Round<Item> } = {
    interactive: createRound(),
    phone: createRound(),
    batch: createRound(),
  }
  const servedAt: { [Name in Priority]: number } = { interactive: 0, phone: 0, batch: 0 }
  const all = Object.values(rounds)
  return {
    get size() {
      return all.reduce((sum, round) => sum + round.size, 0)
    },
    push: (item) => rounds[item.priority].push(item),
    heads: (now) =>
      all
        .flatMap((round) => round.peek() ?? [])
        .map((item) => ({ item, neglectedMs: now - Math.max(item.since, servedAt[item.priority]) }))
        .sort((a, b) => urgency(a) - urgency(b)),
    take(item, now) {
      rounds[item.priority].remove(item)
      servedAt[item.priority] = now
    },
    remove: (item) => rounds[item.priority].remove(item),
    order: () => all.flatMap((round) => round.order()),
    ahead: (priority, conversationId) =>
      all.slice(0, RANKS[priority]).reduce((sum, round) => sum + round.size, rounds[priority].ahead(conversationId)),
  }
}

/** Least is most urgent. */
function urgency({ item, neglectedMs }: Head<Waiting>): number {
  return RANKS[item.priority] * AGING_MS - neglectedMs
}

/** Conversations in turn, each with its own in the order they came. */
interface Round<Item> {
  readonly size: number
  push(item: Item): void
  peek(): Item | null
  remove(item: Item): void
  order(): readonly Item[]
  ahead(conversationId: string): number
}

function createRound<Item extends Waiting>(): Round<Item> {
  // A Map keeps the order in which keys came; who had a turn goes to its end.
  const lines = new Map<string, Set<Item>>()
  let size = 0
  return {
    get size() {
      return size
    },
    push(item) {
      const line = lines.get(item.conversationId)
      if (line === undefined) lines.set(item.conversationId, new Set([item]))
      else line.add(item)
      size += 1
    },
    peek: () => firstOf(lines.values().next().value),
    remove(item) {
      const line = lines.get(item.conversationId)
      if (line === undefined || !line.delete(item)) return
      size -= 1
      lines.delete(item.conversationId)
      if (line.size > 0) lines.set(item.conversationId, line)
    },
    order() {
      const iterators = [...lines.values()].map((line) => line.values())
      const ordered: Item[] = []
      while (ordered.length < size) {
        for (const iterator of iterators) {
          const next = iterator.next()
          if (next.done !== true) ordered.push(next.value)
        }
      }
      return ordered
    },
    ahead(conversationId) {
      const own = lines.get(conversationId)?.size ?? 0
      let count = 0
      for (const line of lines.values()) count += Math.min(line.size, own + 1)
      return count
    },
  }
}

function firstOf<Item>(line: Set<Item> | undefined): Item | null {
  return line?.values().next().value ?? null
}
