// A conversation's first name: the beginning of its first message.

const TITLE_CHARS = 60

/** One line of at most 60 characters, cut between words where that leaves enough. */
export function titleOf(prompt: string): string {
  // Only the beginning matters, and a prompt may be megabytes.
  const line = prompt.slice(0, 2_000).replace(/\s+/g, ' ').trim()
  if (line === '') return 'Untitled'
  const characters = [...line]
  if (characters.length <= TITLE_CHARS) return line
  const cut = characters.slice(0, TITLE_CHARS - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${space > TITLE_CHARS / 2 ? cut.slice(0, space) : cut}…`
}
