// natter history search: what was found, under the conversations it was found in.

import { BOUNDS } from '../../protocol/bounds.ts'
import { NatterError } from '../../protocol/errors.ts'
import { shortId } from '../../protocol/ids.ts'
import type { ResponseOf } from '../../protocol/schema/operations.ts'
import { formatRelativeTime } from '../../render/plain.ts'
import { sanitizeLine } from '../../render/sanitize.ts'
import type { Theme } from '../../render/theme.ts'
import type { CommandContext } from '../context.ts'
import { themeOf, writeJson } from '../print.ts'

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
  const { hits, truncated } = await context.client.call('conversations.search', { query, limit }, context.signal)
  if (options.json === true) {
    writeJson(context, { hits: hits.map((hit) => ({ ...hit, snippet: plain(hit.snippet) })), truncated })
    return
  }
  if (hits.length === 0) {
    context.note(`nothing found for "${query}"`)
    return
  }
  const theme = themeOf(context)
  const groups = [...byConversation(hits).values()]
  context.stdout.write(`${groups.map((group) => formatGroup(group, theme)).join('\n\n')}\n`)
  if (truncated) context.note('more messages match; the newest were looked at')
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

function formatGroup(hits: readonly Hit[], theme: Theme): string {
  const [first] = hits
  if (first === undefined) return ''
  const newest = Math.max(...hits.map((hit) => hit.createdAt))
  const when = theme.paint('dim', formatRelativeTime(newest, Date.now()))
  const head = `${theme.paint('accent', shortId(first.conversationId))}  ${theme.paint('strong', sanitizeLine(first.title))}  ${when}`
  const lines = hits.map(
    (hit) => `  ${theme.paint('dim', hit.role === 'user' ? 'you:' : 'answer:')} ${highlight(hit.snippet, theme)}`,
  )
  return [head, ...lines].join('\n')
}

/** Each match stands between U+0002 and U+0003; a lost mark marks nothing. */
function highlight(snippet: string, theme: Theme): string {
  return snippet
    .split(/(\x02[^\x02\x03]*\x03)/)
    .map((piece) => {
      const text = sanitizeLine(`|${piece}|`).slice(1, -1)
      return piece.startsWith('\x02') && piece.endsWith('\x03') ? theme.paint('warning', text) : text
    })
    .join('')
    .trim()
}

function plain(snippet: string): string {
  return snippet.replace(/[\x02\x03]/g, '')
}
