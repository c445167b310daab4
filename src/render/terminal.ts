// What a terminal can do, judged from the environment alone: no query is sent, so nothing can hang or leak into the input.

export type ColorDepth = 'none' | '16' | '256' | 'truecolor'

export interface TerminalInputs {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTTY: boolean
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  readonly platform?: NodeJS.Platform
}

export interface Terminal {
  readonly isTTY: boolean
  readonly color: ColorDepth
  /** Bold, underline and dim are understood; stays true under NO_COLOR, which asks only for no colour. */
  readonly attributes: boolean
  /** The cursor may be moved, so what was written can be rewritten. */
  readonly cursor: boolean
  readonly hyperlinks: boolean
  /** Narrowing the window re-wraps the lines above, as nearly every terminal does now. */
  readonly reflow: boolean
  readonly reducedMotion: boolean
  readonly background: 'dark' | 'light'
  readonly columns: number
  readonly rows: number
}

type Environment = TerminalInputs['env']

/** The abilities of the terminal behind these inputs. FORCE_COLOR gives colour even to a pipe, never cursor movement. */
export function detectTerminal(inputs: TerminalInputs): Terminal {
  const { env, isTTY } = inputs
  const dumb = env['TERM'] === 'dumb'
  const color = colorDepth(inputs, dumb)
  return {
    isTTY,
    color,
    attributes: color !== 'none' || (isTTY && !dumb),
    cursor: isTTY && !dumb,
    hyperlinks: isTTY && !dumb && supportsHyperlinks(env),
    reflow: !(env['XTERM_VERSION'] || env['TERM'] === 'linux' || (env['TERM']?.startsWith('screen') && !env['TMUX'])),
    reducedMotion: dumb || isSet(env['REDUCED_MOTION']) || isSet(env['ACCESSIBLE']) || isSet(env['CI']),
    background: backgroundOf(env['COLORFGBG']),
    columns: positive(inputs.columns) ?? positive(Number(env['COLUMNS'])) ?? 80,
    rows: positive(inputs.rows) ?? positive(Number(env['LINES'])) ?? 24,
  }
}

function colorDepth(inputs: TerminalInputs, dumb: boolean): ColorDepth {
  const { env, isTTY } = inputs
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forcedDepth(forced)
  if (env['NO_COLOR'] || !isTTY || dumb) return 'none'
  return declaredDepth(env, inputs.platform)
}

function forcedDepth(value: string): ColorDepth {
  if (value === '0' || value === 'false') return 'none'
  if (value === '2') return '256'
  if (value === '3') return 'truecolor'
  return '16'
}

function declaredDepth(env: Environment, platform: NodeJS.Platform | undefined): ColorDepth {
  const term = env['TERM'] ?? ''
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return 'truecolor'
  if (env['WT_SESSION'] || /-direct$|^xterm-(kitty|ghostty)$/.test(term)) return 'truecolor'
  if (/^(iTerm\.app|WezTerm|ghostty|vscode)$/.test(env['TERM_PROGRAM'] ?? '') && !env['TMUX']) return 'truecolor'
  if (/-256(color)?$/i.test(term) || env['TERM_PROGRAM'] === 'Apple_Terminal') return '256'
  if (term !== '') return '16'
  return platform === 'win32' ? '256' : 'none'
}

/** Only terminals known to open OSC 8 links, or at least to ignore them: old ones print the address as rubbish. */
function supportsHyperlinks(env: Environment): boolean {
  const forced = env['FORCE_HYPERLINK']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  const program = env['TERM_PROGRAM'] ?? ''
  const version = env['TERM_PROGRAM_VERSION'] ?? ''
  if (program === 'tmux') return isAtLeast(version, 3, 4)
  if (env['TMUX'] || env['STY']) return false
  if (env['WT_SESSION'] || env['DOMTERM']) return true
  if (/^(xterm-kitty|xterm-ghostty|alacritty|foot|contour)/.test(env['TERM'] ?? '')) return true
  if (program === 'iTerm.app') return isAtLeast(version, 3, 1)
  if (program === 'vscode') return isAtLeast(version, 1, 72)
  if (/^(WezTerm|ghostty|zed|Hyper|rio|WarpTerminal)$/i.test(program)) return true
  // VTE 0.50.0 crashed on such links; the variable is major * 10000 + minor * 100 + patch.
  if (Number(env['VTE_VERSION']) > 5000) return true
  return Number(env['KONSOLE_VERSION']) >= 210400
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return first > major || (first === major && second >= minor)
}

/** COLORFGBG is "foreground;background" in the 16-colour palette, sometimes with a third field between. */
function backgroundOf(value: string | undefined): 'dark' | 'light' {
  const background = value?.split(';').at(-1)
  return background === '7' || background === '15' ? 'light' : 'dark'
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : undefined
}
