// Markdown as ready terminal lines, in one go. Import it only where there is a terminal: it brings the Markdown parser along.

import { createBlockReader } from './block-reader.ts'
import { codeBlocks } from './code-blocks.ts'
import { loadGrammar } from './languages.ts'
import { createLayout } from './layout.ts'
import { sanitize } from './sanitize.ts'
import type { RenderStyle } from './style.ts'

/**
 * The lines of a Markdown text, each at most `style.width` columns, complete with colours that end on the same line.
 * Code is coloured as far as its language is loaded; see `loadLanguages()`.
 */
export function renderBlocks(markdown: string, style: RenderStyle): readonly string[] {
  const reader = createBlockReader()
  const layout = createLayout(style)
  const lines = [...layout.add(reader.push(sanitize(markdown)))]
  lines.push(...layout.add(reader.end()))
  return lines
}

/** Loads what is needed to colour the code in a text. */
export async function loadLanguages(markdown: string): Promise<void> {
  const languages = new Set(codeBlocks(markdown).map((block) => block.language))
  await Promise.all(Array.from(languages, (language) => loadGrammar(language)))
}
