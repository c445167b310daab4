// natter history search: what was found, under the conversations it was found in.

import { BOUNDS } from '../../protocol/bounds.ts'
import { NatterError } from '../../protocol/errors.ts'
import { shortId } from '../../protocol/ids.ts'
import type { ResponseOf } from '../../protocol/schema/operations.ts'
import { hang } from '../../render/hang.ts'
import { formatRelativeTime } from '../../render/plain.ts'
import { sanitizeLine } from '../../render/sanitize.ts'
import { plainSpan, type Row, type Span, wrapSpans } from '../../render/spans.ts'
import type { CommandContext } from '../context.ts'
import { textWidth, writeJson, writeRows } from '../print.ts'

type Hit = ResponseOf<'conversations.search'>['hits'][number]

interface SearchOptions {
  readonly limit: number
  readonly json?: boolean
}

export async function search(context: CommandContext, words: readonly string[], options: SearchOptions): Promise<void> {
  const query = words.map(keepTogether).join(' ')
  if (words.join('').trim() === '')
    throw new NatterError('usage', 'Cannot search history: there is no word to search for')
  const limit = Math.min(options.limit, BOUNDS.pageSize)
  // One more tells whether there are more.
  const request = { query, limit: Math.min(limit + 1, BOUNDS.pageSize) }
  const answer = await context.client.call('conversations.search', request, context.signal)
  const hits = answer.hits.slice(0, limit)
  const isCut = answer.hits.length > limit
  const truncated = answer.truncated || isCut
  if (options.json === true) {
    writeJson(context, { hits: hits.map((hit) => ({ ...hit, snippet: plain(hit.snippet) })), truncated })
    return
  }
  if (hits.length === 0) {
    context.note(`nothing found for "${query}"`)
    return
  }
  const width = textWidth(context)
  for (const [index, group] of [...byConversation(hits).values()].entries()) {
    const rows = formatGroup(group, width)
    writeRows(context, index === 0 ? rows : [[], ...rows])
  }
  if (isCut) context.note(`more messages match; --limit shows more than ${limit === 1 ? 'this one' : `these ${limit}`}`)
  else if (truncated) context.note('more messages match; the newest were looked at')
}

/** What the shell kept together was meant to stand side by side. */
function keepTogether(word: string): string {
  return /\s/.test(word) && !word.includes('"') ? `"${word}"` : word
}

/** In the order of their best hit. */
function byConversation(hits: readonly Hit[]): ReadonlyMap<string, readonly Hit[]> {
  const groups = new Map<string, Hit[]>()
  for (const hit of hits) {
    const group = groups.get(hit.conversationId)
    if (group === undefined) groups.set(hit.conversationId, [hit])
    else group.push(hit)
  }
  return groups
}

function formatGroup(hits: readonly Hit[], width: number): readonly Row[] {
  const [first] = hits
  if (first === undefined) return []
  const newest = Math.max(...hits.map((hit) => hit.createdAt))
  const head: Row = [
    { text: shortId(first.conversationId), roles: ['accent'] },
    { text: `  ${sanitizeLine(first.title)}`, roles: ['strong'] },
    { text: `  ${formatRelativeTime(newest, Date.now())}`, roles: ['dim'] },
  ]
  return [...wrapSpans(head, width), ...hits.flatMap((hit) => formatHit(hit, width))]
}

function formatHit({ role, snippet }: Hit, width: number): readonly Row[] {
  const who: Span = { text: role === 'user' ? 'you: ' : 'answer: ', roles: ['dim'] }
  return hang([plainSpan('  ')], [who, ...highlight(snippet)], width)
}

/** Each match stands between U+0002 and U+0003; a lost mark marks nothing. */
function highlight(snippet: string): Row {
  return snippet
    .trim()
    .split(/(\x02[^\x02\x03]*\x03)/)
    .map((piece) => {
      const text = sanitizeLine(`|${piece}|`).slice(1, -1)
      const isMatch = piece.startsWith('\x02') && piece.endsWith('\x03')
      return { text, roles: isMatch ? ['warning'] : [] }
    })
}

function plain(snippet: string): string {
  return snippet.replace(/[\x02\x03]/g, '')
}
