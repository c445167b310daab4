// Loaded before natterd: a message from the test lets its database grow no more, as a full disk would, or grow again.

import Database from 'better-sqlite3'

const ROOM = 1_000_000
const opened = new Set()
const { prepare } = Database.prototype

Database.prototype.prepare = function (...given) {
  if (this.name.endsWith('natter.db')) opened.add(this)
  return prepare.apply(this, given)
}

process.on('message', (isFull) => {
  for (const database of opened) {
    const pages = isFull ? database.pragma('page_count', { simple: true }) : ROOM
    database.pragma(`max_page_count = ${pages}`)
  }
  process.send(isFull)
})
// Whether the test still listens shall not keep the daemon alive.
process.channel.unref()
