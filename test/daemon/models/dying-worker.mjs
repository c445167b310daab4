// A worker that ends itself instead of answering, as often as told; then it counts characters.
import { parentPort } from 'node:worker_threads'

parentPort.on('message', ({ countId, text }) => {
  if (text === 'die') process.exit(3)
  if (text === 'throw') throw new Error('broken')
  if (text === 'hang') for (;;);
  parentPort.postMessage({ countId, tokens: text.length })
})
