// How a text is to be rendered: its width, colours and links.

import type { Terminal } from './terminal.ts'
import { createTheme, type Theme } from './theme.ts'

export interface RenderStyle {
  /** Columns a line may take. */
  readonly width: number
  readonly theme: Theme
  /** Links are written as OSC 8; otherwise their address is shown. */
  readonly hyperlinks: boolean
}

/** The style that suits a terminal. The last column stays free: some terminals wrap as soon as it is filled. */
export function createStyle(terminal: Terminal): RenderStyle {
  return { width: widthFor(terminal.columns), theme: createTheme(terminal), hyperlinks: terminal.hyperlinks }
}

/** The columns that text may use on a screen of that many. */
export function widthFor(columns: number): number {
  return Math.max(2, columns - 1)
}
