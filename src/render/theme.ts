// Colours by meaning: what each role looks like on a dark or a light background, at every colour depth down to none.

import type { ColorDepth, Terminal } from './terminal.ts'

type ColorName = 'accent' | 'blue' | 'green' | 'yellow' | 'red' | 'magenta' | 'cyan' | 'gray'

interface Look {
  /** SGR parameters that need no colour. */
  readonly attributes: string
  readonly color: ColorName | null
}

const LOOKS = {
  title: { attributes: '1;4', color: 'accent' },
  heading: { attributes: '1', color: 'accent' },
  subheading: { attributes: '1', color: null },
  strong: { attributes: '1', color: null },
  emphasis: { attributes: '3', color: null },
  strike: { attributes: '9', color: null },
  code: { attributes: '', color: 'yellow' },
  math: { attributes: '3', color: null },
  quote: { attributes: '', color: 'gray' },
  link: { attributes: '4', color: 'blue' },
  dim: { attributes: '2', color: null },
  marker: { attributes: '', color: 'accent' },
  done: { attributes: '', color: 'green' },
  success: { attributes: '', color: 'green' },
  warning: { attributes: '', color: 'yellow' },
  error: { attributes: '1', color: 'red' },
  accent: { attributes: '', color: 'accent' },
  comment: { attributes: '', color: 'gray' },
  keyword: { attributes: '', color: 'magenta' },
  string: { attributes: '', color: 'green' },
  number: { attributes: '', color: 'yellow' },
  function: { attributes: '', color: 'blue' },
  type: { attributes: '', color: 'cyan' },
  property: { attributes: '', color: 'cyan' },
  inserted: { attributes: '', color: 'green' },
  deleted: { attributes: '', color: 'red' },
} as const satisfies Record<string, Look>

export type Role = keyof typeof LOOKS

export interface Theme {
  readonly color: boolean
  /** SGR parameters that turn the roles on together, such as `1;34`; empty when there is nothing to show. */
  sgr(roles: readonly Role[]): string
  /** The text in that role, ready to print, with everything turned off again after it. The text must be safe already. */
  paint(role: Role, text: string): string
}

/** The theme for a terminal; without attributes it prints plain text. */
export function createTheme(terminal: Pick<Terminal, 'color' | 'attributes' | 'background'>): Theme {
  const colors = PALETTES[terminal.color]?.[terminal.background] ?? null
  const known = new Map<Role, string>()
  return { color: colors !== null, sgr, paint }

  function sgr(roles: readonly Role[]): string {
    if (!terminal.attributes) return ''
    return roles.map(parameters).filter(Boolean).join(';')
  }

  function paint(role: Role, text: string): string {
    const on = sgr([role])
    return on === '' || text === '' ? text : `\x1b[${on}m${text}\x1b[0m`
  }

  function parameters(role: Role): string {
    let value = known.get(role)
    if (value === undefined) {
      const look: Look = LOOKS[role]
      const color = look.color && colors ? colors[look.color] : ''
      value = [look.attributes, color].filter(Boolean).join(';')
      known.set(role, value)
    }
    return value
  }
}

type Palette = Readonly<Record<ColorName, string>>

/** The user's own sixteen colours suit either background, except yellow and bright black on some light ones. */
const ANSI: Palette = {
  accent: '36',
  blue: '34',
  green: '32',
  yellow: '33',
  red: '31',
  magenta: '35',
  cyan: '36',
  gray: '90',
}

const PALETTES: Readonly<Record<ColorDepth, Readonly<Record<'dark' | 'light', Palette>> | null>> = {
  none: null,
  '16': { dark: ANSI, light: { ...ANSI, yellow: '35', gray: '2' } },
  '256': {
    dark: indexed({ accent: 80, blue: 75, green: 114, yellow: 180, red: 203, magenta: 176, cyan: 80, gray: 245 }),
    light: indexed({ accent: 30, blue: 25, green: 28, yellow: 130, red: 160, magenta: 90, cyan: 30, gray: 243 }),
  },
  truecolor: {
    dark: hex({
      accent: '56c7d6',
      blue: '6cb2f5',
      green: '8fc97a',
      yellow: 'e0b873',
      red: 'ef7178',
      magenta: 'c792ea',
      cyan: '6fd3c7',
      gray: '8b93a1',
    }),
    light: hex({
      accent: '0b7285',
      blue: '1c5fb8',
      green: '2b7a2b',
      yellow: '8f5a00',
      red: 'b4232c',
      magenta: '8436a8',
      cyan: '0f766e',
      gray: '667080',
    }),
  },
}

function indexed(colors: Readonly<Record<ColorName, number>>): Palette {
  return mapColors(colors, (color) => `38;5;${color}`)
}

function hex(colors: Readonly<Record<ColorName, string>>): Palette {
  return mapColors(colors, (color) => {
    const value = Number.parseInt(color, 16)
    return `38;2;${value >> 16};${(value >> 8) & 255};${value & 255}`
  })
}

function mapColors<Value>(colors: Readonly<Record<ColorName, Value>>, toSgr: (value: Value) => string): Palette {
  return {
    accent: toSgr(colors.accent),
    blue: toSgr(colors.blue),
    green: toSgr(colors.green),
    yellow: toSgr(colors.yellow),
    red: toSgr(colors.red),
    magenta: toSgr(colors.magenta),
    cyan: toSgr(colors.cyan),
    gray: toSgr(colors.gray),
  }
}
