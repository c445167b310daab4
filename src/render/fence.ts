// The lines that open and close fenced code, by the rules of CommonMark: https://spec.commonmark.org/0.31.2/#fenced-code-blocks

import { sanitizeLine } from './sanitize.ts'

export interface Fence {
  /** Backtick or tilde. */
  readonly mark: string
  readonly length: number
  /** Spaces before it, which are taken off the code lines too. */
  readonly indent: number
  readonly info: string
}

const OPENING = /^( {0,3})(`{3,}|~{3,})(.*)$/s

/** The fence that a line opens, or null. */
export function openFence(line: string): Fence | null {
  const match = OPENING.exec(line)
  const marks = match?.[2]
  const info = match?.[3] ?? ''
  if (marks === undefined || (marks.startsWith('`') && info.includes('`'))) return null
  return { mark: marks.charAt(0), length: marks.length, indent: match?.[1]?.length ?? 0, info: info.trim() }
}

/** Whether a line closes that fence. */
export function closesFence(line: string, fence: Fence): boolean {
  const match = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)
  const marks = match?.[1]
  return marks?.startsWith(fence.mark) === true && marks.length >= fence.length
}

/** The first word of a fence's info string, or null. */
export function languageOf(info: string | undefined): string | null {
  const word = sanitizeLine(info ?? '').split(/\s/, 1)[0]
  return word ? word.replace(/^\{?\.?|[},]$/g, '') || null : null
}

/** A code line without the spaces that stand before its fence, as far as it has them. */
export function takeIndent(line: string, indent: number): string {
  const spaces = /^ {0,3}/.exec(line)?.[0].length ?? 0
  return line.slice(Math.min(spaces, indent))
}
