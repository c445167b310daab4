// A process that stores keys: `setting-process.ts FILE NAME COUNT`.

import { openKeyStore } from '../../../daemon/keys/key-store.ts'

const [file = '', name = '', count = '0'] = process.argv.slice(2)
using store = openKeyStore({ file, keychain: 'never', config: () => ({}) })
for (let index = 0; index < Number(count); index += 1)
  await store.set(`${name}-${index}`, `sk-${name}-${index}-0123456789`)
