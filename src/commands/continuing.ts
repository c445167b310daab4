// What to say on stderr of a conversation that is taken up, so that nobody asks on in a wrong one.

import { shortId } from '../protocol/ids.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'

type Latest = ResponseOf<'conversations.latest'>

const WHERE: { readonly [Match in NonNullable<Latest['match']>]: string } = {
  terminal: 'last used in this terminal',
  directory: 'last used in this directory',
  anywhere: 'last used',
}

type Named = Pick<NonNullable<Latest['conversation']>, 'conversationId' | 'title'>

/** `match`: by what it was found; absent where the user named it. */
export function describeContinued(doing: string, { title, conversationId }: Named, match?: Latest['match']): string {
  const found = `${doing} "${title}" (${shortId(conversationId)})`
  return match === undefined ? found : `${found}, ${WHERE[match ?? 'anywhere']}`
}
