// Makes the unfinished end of streaming Markdown look as it will once it is finished: for showing only, never for keeping.

/** The source with open emphasis and code closed, and half-written markers, links and table rules taken off its end. */
export function heal(source: string): string {
  const start = source.lastIndexOf('\n') + 1
  const line = source.slice(start)
  const above = source.slice(0, start)
  if (isHalfRule(line, above)) return above
  if (line.length > MAX_LINE || endsInFence(source)) return source
  return above + closeMarks(dropHalfLink(line))
}

const MAX_LINE = 8000

/** Code is not healed. In a list or a quote a fence stands after marks and blanks. */
function endsInFence(source: string): boolean {
  let open: string | null = null
  for (const [, marks = '', info = ''] of source.matchAll(
    /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})(.*)$/gm,
  )) {
    if (open === null) open = marks.startsWith('`') && info.includes('`') ? null : marks
    else if (marks.startsWith(open) && info.trim() === '') open = null
  }
  return open !== null
}

/** A line of nothing but marks may become a rule, a fence, a bullet or the line under a table's header. */
function isHalfRule(line: string, above: string): boolean {
  if (/^\s*(?:[*_`~=#>+|-]+)[ \t]*$/.test(line)) return true
  return /^ {0,3}[|:\- ]+$/.test(line) && /\|[^\n]*\n$/.test(above)
}

function dropHalfLink(line: string): string {
  return line
    .replace(/(!?)\[([^[\]]*)\]\([^)]*$/, (_whole, image: string, label: string) =>
      image ? `[image: ${label}]` : label,
    )
    .replace(/(^|\s)!?\[([^[\]]*)$/, '$1$2')
}

interface Mark {
  readonly text: string
  readonly end: number
}

/** Closes what is open at the end of a line, innermost first. */
function closeMarks(line: string): string {
  const open: Mark[] = []
  let index = 0
  while (index < line.length) {
    const character = line.charAt(index)
    if (character === '\\') {
      index += 2
      continue
    }
    if (character === '`') {
      const end = codeEnd(line, index)
      if (end === null) return closeCode(line, index, open)
      index = end
      continue
    }
    const run = /^(?:\*{1,3}|_{1,3}|~{2})/.exec(line.slice(index, index + 3))?.[0]
    if (run !== undefined) toggle(run, index, line, open)
    index += run?.length ?? 1
  }
  return closeAll(line, open)
}

function codeEnd(line: string, start: number): number | null {
  const marks = /^`+/.exec(line.slice(start))?.[0] ?? ''
  const closing = new RegExp(`(?<!\`)${marks}(?!\`)`, 'g')
  closing.lastIndex = start + marks.length
  const match = closing.exec(line)
  return match === null ? null : match.index + marks.length
}

function closeCode(line: string, start: number, open: readonly Mark[]): string {
  const marks = /^`+/.exec(line.slice(start))?.[0] ?? ''
  const code = line.slice(start + marks.length).replace(/`+$/, '')
  if (code.trim() === '') return closeAll(line.slice(0, start), open)
  return `${line.slice(0, start)}${marks}${code}${marks}${closers(open)}`
}

function toggle(run: string, index: number, line: string, open: Mark[]): void {
  const before = line.charAt(index - 1)
  const after = line.charAt(index + run.length)
  const top = open.at(-1)
  if (top?.text === run && /\S/.test(before)) {
    open.pop()
    return
  }
  const opens = /\S/.test(after) && !(run.startsWith('_') && /\w/.test(before))
  if (opens || after === '') open.push({ text: run, end: index + run.length })
}

function closeAll(line: string, open: readonly Mark[]): string {
  const top = open.at(-1)
  if (top === undefined) return line
  // A mark at the very end opens nothing yet, or is half of the one that closes.
  if (top.end === line.length) return closeAll(line.slice(0, line.length - top.text.length), open.slice(0, -1))
  return `${line.trimEnd()}${closers(open)}${/\s*$/.exec(line)?.[0] ?? ''}`
}

function closers(open: readonly Mark[]): string {
  return open
    .map((mark) => mark.text)
    .reverse()
    .join('')
}
