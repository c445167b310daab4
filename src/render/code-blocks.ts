// The code blocks of a Markdown text, found line by line without a Markdown parser, so that asking for them is quick.

import {
  beginContainer,
  type Container,
  continueContainers,
  dropColumns,
  indentOf,
  isHeadingOrRule,
} from './containers.ts'
import { closesFence, type Fence, languageOf, openFence, takeIndent } from './fence.ts'

export interface CodeBlock {
  /** First word after the fence, or null. */
  readonly language: string | null
  readonly text: string
}

type Leaf =
  | { readonly type: 'none' }
  | { readonly type: 'paragraph' }
  | { readonly type: 'fence'; readonly fence: Fence; readonly lines: string[] }
  | { readonly type: 'indented'; readonly lines: string[] }

const NONE: Leaf = { type: 'none' }

/**
 * Fenced and indented code in the order it appears, also inside lists and quotes. A last fence that is never closed
 * counts. The rules are CommonMark's: https://spec.commonmark.org/0.31.2/
 */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const found: CodeBlock[] = []
  let containers: Container[] = []
  let leaf: Leaf = NONE
  const lines = markdown.replace(/\r\n?/g, '\n').split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) readLine(line)
  closeLeaf()
  return found

  function readLine(line: string): void {
    const { count, rest } = continueContainers(line, containers)
    if (leaf.type === 'fence' && count === containers.length) {
      readFenceLine(leaf, rest)
      return
    }
    if (leaf.type === 'fence') leave(count)
    if (rest.trim() === '') readBlank(rest, count)
    else readText(rest, count)
  }

  function readFenceLine(open: Leaf & { type: 'fence' }, line: string): void {
    if (closesFence(line, open.fence)) closeLeaf()
    else open.lines.push(takeIndent(line, open.fence.indent))
  }

  function readBlank(rest: string, count: number): void {
    if (leaf.type === 'indented' && count === containers.length) {
      leaf.lines.push(dropColumns(rest, 4))
      return
    }
    closeLeaf()
    leave(count)
  }

  function readText(line: string, matched: number): void {
    let count = matched
    let rest = line
    // Four spaces are code, or go on with a paragraph: nothing else begins there.
    while (indentOf(rest) < 4) {
      const opened = beginContainer(rest, leaf.type === 'paragraph' && count === containers.length)
      if (opened === null) break
      leave(count)
      closeLeaf()
      containers.push(opened.container)
      rest = opened.rest
      count++
    }
    if (rest.trim() !== '') readLeaf(rest, count)
  }

  function readLeaf(line: string, count: number): void {
    const isCode = indentOf(line) >= 4
    const fence = isCode ? null : openFence(line)
    const isBlock = fence !== null || (!isCode && isHeadingOrRule(line))
    // A paragraph goes on, even where the marks of its quote or list are left out.
    if (leaf.type === 'paragraph' && !isBlock) return
    leave(count)
    fillItems()
    if (isCode && leaf.type === 'indented') {
      leaf.lines.push(dropColumns(line, 4))
      return
    }
    closeLeaf()
    if (fence) leaf = { type: 'fence', fence, lines: [] }
    else if (isCode) leaf = { type: 'indented', lines: [dropColumns(line, 4)] }
    else leaf = isBlock ? NONE : { type: 'paragraph' }
  }

  /** An item that began with nothing has content now, so a blank line no longer ends it. */
  function fillItems(): void {
    containers = containers.map((container) =>
      container.type === 'item' ? { ...container, isEmpty: false } : container,
    )
  }

  function leave(count: number): void {
    if (count >= containers.length) return
    closeLeaf()
    containers = containers.slice(0, count)
  }

  function closeLeaf(): void {
    const block = leaf
    leaf = NONE
    if (block.type === 'fence') found.push({ language: languageOf(block.fence.info), text: block.lines.join('\n') })
    if (block.type === 'indented')
      found.push({ language: null, text: block.lines.join('\n').replace(/(?:\n[ \t]*)+$/, '') })
  }
}
