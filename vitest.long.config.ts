// The long tests: the same rounds as in `npm test`, many more of them, one file after the other.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    setupFiles: ['test/helpers/setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 30_000,
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default'],
  },
})
