import { createMemoryHub } from '../../../daemon/hub/memory-hub.ts'
import { describeHub } from '../../contracts/hub.ts'

describeHub('createMemoryHub()', () => {
  let seq = 0
  const hub = createMemoryHub({
    nextSeq: () => {
      seq += 1
      return seq
    },
  })
  return Promise.resolve({
    hub,
    [Symbol.asyncDispose]: () => Promise.resolve(hub[Symbol.dispose]()),
  })
})
