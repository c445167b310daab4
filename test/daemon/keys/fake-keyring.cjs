// Acts like the keychain package, with a directory for the system's store; its file "mode" makes it misbehave.
const { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const root = process.env.FAKE_KEYRING
const mode = () => (existsSync(join(root, 'mode')) ? readFileSync(join(root, 'mode'), 'utf8') : '')

exports.AsyncEntry = class {
  constructor(service, account, options) {
    if (options?.linux?.store !== 'secret-service') throw new Error('not the lasting store')
    if (mode() === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    if (mode() === 'absent') throw new Error('Platform failure: no bus')
    if (mode() === 'crash') process.exit(9)
    mkdirSync(join(root, service), { recursive: true })
    this.file = join(root, service, account)
  }
  async getPassword() {
    if (mode() === 'hang') await new Promise(() => setInterval(() => {}, 1000))
    if (mode() === 'locked') throw new Error('the collection is locked')
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : null
  }
  async setPassword(password) {
    if (mode() === 'locked') throw new Error('the collection is locked')
    if (mode() === 'forget') return
    writeFileSync(this.file, password)
  }
  async deleteCredential() {
    if (mode() === 'locked') throw new Error('the collection is locked')
    const there = existsSync(this.file)
    rmSync(this.file, { force: true })
    return there
  }
}
