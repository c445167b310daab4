// Prism's grammar files register themselves with the core and export nothing.

declare module 'prismjs/components/prism-core.js' {
  import type * as Prism from 'prismjs'

  const core: typeof Prism
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module looks to import
  export default core
}

declare module 'prismjs/components/prism-*'
