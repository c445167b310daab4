// Settings of a request that change what its tokens cost, or cost something beside them.

/** What is paid for as the price list says, where a setting has such a value. */
const ORDINARY: { readonly [setting: string]: readonly unknown[] } = {
  // https://platform.openai.com/docs/pricing: flex, priority and fast have prices of their own.
  service_tier: ['auto', 'default', 'standard', 'standard_only'],
  // https://platform.claude.com/docs/en/about-claude/pricing: fast answers, and those of one country, cost more.
  speed: ['standard'],
  inference_geo: ['global'],
  // Searches are paid for by the piece.
  web_search_options: [],
  plugins: [],
}

/** Whether the price list says nothing of such a call, so that its cost is unknown; `extra`: what the vendor is sent as it is. */
export function hasSurcharge(extra: { readonly [setting: string]: unknown } | undefined): boolean {
  return Object.entries(extra ?? {}).some(([setting, value]) => {
    if (value === null || value === undefined || !Object.hasOwn(ORDINARY, setting)) return false
    return ORDINARY[setting]?.includes(value) === false
  })
}
