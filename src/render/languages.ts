// The programming languages that can be highlighted; each grammar is loaded when the first code in it appears.

import type * as Prism from 'prismjs'

interface Language {
  readonly needs?: readonly string[]
  readonly aliases?: readonly string[]
  readonly load: () => Promise<unknown>
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  clike: { load: () => import('prismjs/components/prism-clike.js') },
  bash: { aliases: ['sh', 'shell', 'zsh', 'console', 'fish'], load: () => import('prismjs/components/prism-bash.js') },
  c: { needs: ['clike'], aliases: ['h'], load: () => import('prismjs/components/prism-c.js') },
  cpp: { needs: ['c'], aliases: ['c++', 'cc', 'hpp'], load: () => import('prismjs/components/prism-cpp.js') },
  csharp: { needs: ['clike'], aliases: ['cs', 'c#'], load: () => import('prismjs/components/prism-csharp.js') },
  css: { load: () => import('prismjs/components/prism-css.js') },
  dart: { needs: ['clike'], load: () => import('prismjs/components/prism-dart.js') },
  diff: { aliases: ['patch'], load: () => import('prismjs/components/prism-diff.js') },
  docker: { aliases: ['dockerfile'], load: () => import('prismjs/components/prism-docker.js') },
  elixir: { aliases: ['ex', 'exs'], load: () => import('prismjs/components/prism-elixir.js') },
  erlang: { aliases: ['erl'], load: () => import('prismjs/components/prism-erlang.js') },
  go: { needs: ['clike'], aliases: ['golang'], load: () => import('prismjs/components/prism-go.js') },
  graphql: { aliases: ['gql'], load: () => import('prismjs/components/prism-graphql.js') },
  haskell: { aliases: ['hs'], load: () => import('prismjs/components/prism-haskell.js') },
  hcl: { aliases: ['terraform', 'tf'], load: () => import('prismjs/components/prism-hcl.js') },
  ini: { aliases: ['cfg', 'conf', 'properties'], load: () => import('prismjs/components/prism-ini.js') },
  java: { needs: ['clike'], load: () => import('prismjs/components/prism-java.js') },
  javascript: {
    needs: ['clike'],
    aliases: ['js', 'mjs', 'cjs', 'node'],
    load: () => import('prismjs/components/prism-javascript.js'),
  },
  json: { aliases: ['jsonc', 'json5', 'jsonl'], load: () => import('prismjs/components/prism-json.js') },
  jsx: { needs: ['markup', 'javascript'], load: () => import('prismjs/components/prism-jsx.js') },
  julia: { aliases: ['jl'], load: () => import('prismjs/components/prism-julia.js') },
  kotlin: { needs: ['clike'], aliases: ['kt', 'kts'], load: () => import('prismjs/components/prism-kotlin.js') },
  latex: { aliases: ['tex'], load: () => import('prismjs/components/prism-latex.js') },
  lisp: { aliases: ['elisp', 'scheme'], load: () => import('prismjs/components/prism-lisp.js') },
  lua: { load: () => import('prismjs/components/prism-lua.js') },
  makefile: { aliases: ['make', 'mk'], load: () => import('prismjs/components/prism-makefile.js') },
  markdown: { needs: ['markup'], aliases: ['md'], load: () => import('prismjs/components/prism-markdown.js') },
  markup: {
    aliases: ['html', 'xml', 'svg', 'vue', 'svelte'],
    load: () => import('prismjs/components/prism-markup.js'),
  },
  'markup-templating': { needs: ['markup'], load: () => import('prismjs/components/prism-markup-templating.js') },
  nginx: { load: () => import('prismjs/components/prism-nginx.js') },
  nix: { load: () => import('prismjs/components/prism-nix.js') },
  objectivec: { needs: ['c'], aliases: ['objc'], load: () => import('prismjs/components/prism-objectivec.js') },
  ocaml: { aliases: ['ml'], load: () => import('prismjs/components/prism-ocaml.js') },
  perl: { aliases: ['pl'], load: () => import('prismjs/components/prism-perl.js') },
  php: { needs: ['clike', 'markup-templating'], load: () => import('prismjs/components/prism-php.js') },
  powershell: { aliases: ['ps1', 'pwsh'], load: () => import('prismjs/components/prism-powershell.js') },
  protobuf: { needs: ['clike'], aliases: ['proto'], load: () => import('prismjs/components/prism-protobuf.js') },
  python: { aliases: ['py', 'python3', 'py3'], load: () => import('prismjs/components/prism-python.js') },
  r: { load: () => import('prismjs/components/prism-r.js') },
  ruby: { needs: ['clike'], aliases: ['rb'], load: () => import('prismjs/components/prism-ruby.js') },
  rust: { aliases: ['rs'], load: () => import('prismjs/components/prism-rust.js') },
  scala: { needs: ['java'], load: () => import('prismjs/components/prism-scala.js') },
  scss: { needs: ['css'], load: () => import('prismjs/components/prism-scss.js') },
  sql: { aliases: ['postgresql', 'mysql', 'sqlite'], load: () => import('prismjs/components/prism-sql.js') },
  swift: { load: () => import('prismjs/components/prism-swift.js') },
  toml: { load: () => import('prismjs/components/prism-toml.js') },
  tsx: { needs: ['jsx', 'typescript'], load: () => import('prismjs/components/prism-tsx.js') },
  typescript: {
    needs: ['javascript'],
    aliases: ['ts', 'mts', 'cts'],
    load: () => import('prismjs/components/prism-typescript.js'),
  },
  vim: { aliases: ['viml'], load: () => import('prismjs/components/prism-vim.js') },
  yaml: { aliases: ['yml'], load: () => import('prismjs/components/prism-yaml.js') },
  zig: { load: () => import('prismjs/components/prism-zig.js') },
}

const NAMES = new Map(
  Object.entries(LANGUAGES).flatMap(([name, { aliases = [] }]) => [name, ...aliases].map((alias) => [alias, name])),
)

export interface Grammar {
  readonly name: string
  readonly prism: typeof Prism
  readonly grammar: Prism.Grammar
}

const ready = new Map<string, Grammar | null>()
const loading = new Map<string, Promise<void>>()

/** The grammar of a language as code fences name it: null when there is none, undefined while it is not loaded. */
export function grammarOf(label: string | null): Grammar | null | undefined {
  const name = label === null ? undefined : NAMES.get(label.toLowerCase())
  return name === undefined ? null : ready.get(name)
}

/** Loads the grammar of a language; afterwards `grammarOf()` knows it. Never rejects: code is readable without colours. */
export async function loadGrammar(label: string | null): Promise<void> {
  const name = label === null ? undefined : NAMES.get(label.toLowerCase())
  if (name === undefined || ready.has(name)) return
  await load(name)
}

function load(name: string): Promise<void> {
  const running = loading.get(name) ?? loadNow(name)
  loading.set(name, running)
  return running
}

async function loadNow(name: string): Promise<void> {
  try {
    // The core puts itself where the grammar files look for it: a global named Prism.
    const { default: prism } = await import('prismjs/components/prism-core.js')
    const language = LANGUAGES[name]
    for (const needed of language?.needs ?? []) await load(needed)
    await language?.load()
    const grammar = prism.languages[name]
    ready.set(name, grammar ? { name, prism, grammar } : null)
  } catch {
    // A broken installation costs the colours, not the answer.
    ready.set(name, null)
  }
}
