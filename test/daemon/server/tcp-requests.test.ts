import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { createOpenRequests } from '../../../daemon/server/tcp-requests.ts'
import { createId } from '../../../src/protocol/ids.ts'

const DEVICE = createId('dev')

/** A response of which only its end is looked at. */
function begin(requests: ReturnType<typeof createOpenRequests>, bytes: number) {
  const response = new EventEmitter()
  const lease = requests.begin({ deviceId: DEVICE, response: response as unknown as ServerResponse, bytes })
  return { lease, close: () => response.emit('close') }
}

it('createOpenRequests() counts what goes on without its connection, until it has ended', () => {
  const requests = createOpenRequests({ requestsMax: 1, bytesMax: 100 })
  const { lease, close } = begin(requests, 10)
  const release = lease.extend()
  close()
  expect(() => begin(requests, 10)).toThrow('1 requests of this device')
  release()
  release()
  begin(requests, 100).close()
  begin(requests, 100).close()
})

it('createOpenRequests() counts what begins after its connection has ended', () => {
  const requests = createOpenRequests({ requestsMax: 2, bytesMax: 100 })
  const { lease, close } = begin(requests, 60)
  close()
  const release = lease.extend()
  expect(() => begin(requests, 60)).toThrow('take up all room')
  release()
  begin(requests, 100)
})

it('createOpenRequests() counts a body as large as it turned out to be', () => {
  const requests = createOpenRequests({ requestsMax: 9, bytesMax: 100 })
  const { lease, close } = begin(requests, 100)
  lease.setBytes(30)
  const next = begin(requests, 70)
  expect(() => begin(requests, 1)).toThrow('take up all room')
  close()
  lease.setBytes(99)
  begin(requests, 30).close()
  next.close()
  begin(requests, 100)
})

it('OpenRequests.drain() waits for what goes on without its connection', async () => {
  const requests = createOpenRequests({ requestsMax: 9, bytesMax: 100 })
  const { lease, close } = begin(requests, 1)
  const release = lease.extend()
  let isDrained = false
  const drained = requests.drain(60_000).then(() => {
    isDrained = true
  })
  close()
  await Promise.resolve()
  expect(isDrained).toBe(false)
  release()
  await drained
})
