// Program of its own: streams a reply into a store until it is killed, and says on stdout what a reader would have seen.

import { openStore } from '../../daemon/store/sqlite-store.ts'
import { newTurn } from './store.ts'

const file = process.argv[2]
if (file === undefined) throw new TypeError('Usage: store-writer.ts FILE')

const store = await openStore({ file })
const recovered = await store.turns.recover(Date.now())
const turn = newTurn({ prompt: 'Count', startedAt: Date.now() })
await store.turns.start(turn)
say({ messageId: turn.messageId, userMessageId: turn.userMessageId, recovered: recovered.length })
let seq = 0
setInterval(() => {
  const text = `${seq} `
  store.turns.append({ messageId: turn.messageId, seq, type: 'text', text })
  say({ shown: seq, at: performance.now() })
  seq += 1
}, 2)

function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
