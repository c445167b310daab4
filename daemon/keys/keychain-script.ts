// The program of the child process that talks to the keychain: plain CommonJS, given to `node -e` as text.

/**
 * Its only argument is the path of the keychain package. It answers one request after the other and ends with its parent.
 * On Linux only the Secret Service counts: the kernel's keyring, the package's fallback, forgets everything at a reboot.
 */
export const KEYCHAIN_SCRIPT = `
'use strict'
const { AsyncEntry } = require(process.argv[1])
const options = { linux: { store: 'secret-service' } }
process.on('disconnect', () => process.exit(0))
process.on('message', async ({ requestId, action, service, account, key }) => {
  let answer
  try {
    const entry = new AsyncEntry(service, account, options)
    if (action === 'read') answer = { value: (await entry.getPassword()) ?? null }
    else if (action === 'write') answer = { value: (await entry.setPassword(key)) ?? null }
    else answer = { value: await entry.deleteCredential() }
  } catch (error) {
    answer = { error: String((error && error.message) || error).slice(0, 300) }
  }
  process.send({ requestId, ...answer })
})
`
