// Simple TeX formulas as readable text: Greek letters, operators, fractions, roots, powers; everything else stays as it is.

const SYMBOLS: ReadonlyMap<string, string> = new Map(
  (
    'alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ ' +
    'sigma σ tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ' +
    'times × div ÷ cdot · pm ± mp ∓ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ propto ∝ infty ∞ partial ∂ nabla ∇ ' +
    'sum ∑ prod ∏ int ∫ oint ∮ in ∈ notin ∉ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ emptyset ∅ forall ∀ exists ∃ neg ¬ land ∧ wedge ∧ ' +
    'lor ∨ vee ∨ to → rightarrow → leftarrow ← Rightarrow ⇒ Leftarrow ⇐ implies ⇒ iff ⇔ leftrightarrow ↔ mapsto ↦ ldots … cdots ⋯ dots … ' +
    'circ ∘ degree ° prime ′ angle ∠ perp ⊥ parallel ∥ oplus ⊕ otimes ⊗ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ mid | ' +
    'hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ star ⋆ bullet • ast ∗ therefore ∴ because ∵ ll ≪ gg ≫ cong ≅ vdots ⋮'
  )
    .split(' ')
    .reduce<[string, string][]>((pairs, word, index, words) => {
      if (index % 2 === 0) pairs.push([word, words[index + 1] ?? ''])
      return pairs
    }, []),
)

const SUPERSCRIPT = toMap('0123456789+-=()ni', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ')
const SUBSCRIPT = toMap('0123456789+-=()aeijnoxkmpt', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₙₒₓₖₘₚₜ')
const SPACES = /\\[,;:! ]|\\q?quad(?![a-zA-Z])/g
const STYLING = /\\(?:left|right|[bB]ig{1,2}[lr]?|displaystyle|limits|nolimits|,|!)(?![a-zA-Z])/g
const WRAPPED =
  /\\(?:text|mathrm|mathbf|mathbb|mathcal|mathit|operatorname|boxed|vec|hat|bar|tilde|overline)\*?\{([^{}]*)\}/g
const FRACTION = /\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/g
const ROOT = /\\sqrt(?:\[([^\]]*)\])?\{([^{}]*)\}/g
const MAX_PASSES = 6

/** The formula without delimiters, as one would write it in a letter. */
export function readableMath(tex: string): string {
  let text = tex.replace(SPACES, ' ').replace(STYLING, '')
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = text
    text = text
      .replace(WRAPPED, '$1')
      .replace(FRACTION, (_match, above: string, below: string) => `${group(above)}/${group(below)}`)
      .replace(ROOT, (_match, degree: string | undefined, body: string) => `${raise(degree)}√${group(body)}`)
      .replace(/([\^_])\{([^{}]*)\}/g, (_match, mark: string, body: string) => shift(mark, body))
    if (text === before) break
  }
  return text
    .replace(/\\([a-zA-Z]+)/g, (whole, name: string) => SYMBOLS.get(name) ?? (FUNCTIONS.has(name) ? name : whole))
    .replace(/([\^_])([A-Za-z0-9+-])/g, (_match, mark: string, body: string) => shift(mark, body))
    .replace(/\\\\\s*/g, '\n')
    .replace(/\\([{}%&#$_|])/g, '$1')
    .replace(/ {2,}/g, ' ')
    .trim()
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'sin',
  'cos',
  'tan',
  'log',
  'ln',
  'exp',
  'lim',
  'max',
  'min',
  'sup',
  'inf',
  'det',
  'gcd',
  'deg',
  'arg',
  'dim',
])

function group(text: string): string {
  const body = text.trim()
  return /^[\w.\\α-ωΑ-Ω]*$/.test(body) ? body : `(${body})`
}

function raise(degree: string | undefined): string {
  return degree === undefined ? '' : (mapAll(degree, SUPERSCRIPT) ?? `${degree} `)
}

function shift(mark: string, body: string): string {
  const mapped = mapAll(body, mark === '^' ? SUPERSCRIPT : SUBSCRIPT)
  if (mapped !== null) return mapped
  // A mark that stays must not be read as the start of a group again.
  return Array.from(body).length === 1 ? `${mark}${body}` : `${mark}(${body})`
}

function mapAll(text: string, map: ReadonlyMap<string, string>): string | null {
  let mapped = ''
  for (const character of text) {
    const shifted = map.get(character)
    if (shifted === undefined) return null
    mapped += shifted
  }
  return mapped
}

function toMap(from: string, to: string): ReadonlyMap<string, string> {
  const targets = Array.from(to)
  return new Map(Array.from(from, (character, index) => [character, targets[index] ?? character]))
}
