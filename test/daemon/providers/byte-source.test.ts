import { expect, it } from 'vitest'
import { createByteQueue, type Flow, readText } from '../../../daemon/providers/byte-source.ts'
import { createFrameClock, type FrameClock } from '../../../daemon/providers/frame-clock.ts'

const NEVER: FrameClock = { wait: () => ({ cancel: () => {} }) }

it('next() gives everything that has arrived at once', async () => {
  const { queue } = open()
  for (const text of ['one ', 'two ', 'three']) queue.push(Buffer.from(text))
  expect(String(await queue.next())).toBe('one two three')
})

it('next() waits for what is not there yet', async () => {
  const { queue } = open()
  const asked = queue.next()
  queue.push(Buffer.from('late'))
  expect(String(await asked)).toBe('late')
})

it('next() gives what arrived before it tells of the end', async () => {
  const { queue } = open()
  queue.push(Buffer.from('last'))
  queue.end()
  expect(String(await queue.next())).toBe('last')
  expect(await queue.next()).toBeNull()
  expect(await queue.next()).toBeNull()
})

it('next() gives what arrived before it fails', async () => {
  const { queue } = open()
  const failure = new Error('reset')
  queue.push(Buffer.from('last'))
  queue.fail(failure)
  expect(String(await queue.next())).toBe('last')
  await expect(queue.next()).rejects.toBe(failure)
})

it('rest() lets bytes gather', async () => {
  const { queue } = open()
  queue.rest(createFrameClock(20))
  const asked = queue.next()
  for (const text of ['one ', 'two']) queue.push(Buffer.from(text))
  expect(String(await asked)).toBe('one two')
})

it('rest() ends with the body', async () => {
  const { queue } = open()
  queue.rest(NEVER)
  const asked = queue.next()
  queue.push(Buffer.from('whole'))
  queue.end()
  expect(String(await asked)).toBe('whole')
  queue.rest(NEVER)
  expect(await queue.next()).toBeNull()
})

it('rest() ends with a failure', async () => {
  const { queue } = open()
  queue.rest(NEVER)
  const asked = queue.next()
  queue.fail(new Error('stopped'))
  await expect(asked).rejects.toThrow('stopped')
})

it('push() makes the server wait while its reader does, and lets it go on', async () => {
  const { queue, told } = open()
  for (let count = 0; count < 3; count += 1) queue.push(Buffer.alloc(40 * 1024))
  expect(told).toEqual(['pause'])
  await queue.next()
  expect(told).toEqual(['pause', 'resume'])
})

it('push() may be called by resume', async () => {
  const more = [Buffer.from('more')]
  const queue = createByteQueue({
    pause: () => {},
    resume: () => more.splice(0).forEach(queue.push),
    destroy: () => {},
  })
  queue.push(Buffer.alloc(100 * 1024))
  expect((await queue.next())?.length).toBe(100 * 1024)
  expect(String(await queue.next())).toBe('more')
})

it('drain() throws away what is left, and closes nothing where the end comes', () => {
  const { queue, told } = open()
  queue.drain(3_600_000)
  queue.push(Buffer.alloc(100 * 1024))
  queue.end()
  expect(told).toEqual([])
})

it('drain() gives up', async () => {
  const closed = Promise.withResolvers<void>()
  const queue = createByteQueue({ pause: () => {}, resume: () => {}, destroy: closed.resolve })
  // Its timer alone keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  queue.drain(1)
  await closed.promise
  clearInterval(alive)
})

it('destroy() closes a connection that is open, and no other', () => {
  const running = open()
  running.queue.destroy()
  expect(running.told).toEqual(['destroy'])
  const ended = open()
  ended.queue.end()
  ended.queue.destroy()
  expect(ended.told).toEqual([])
})

it('readText() reads no more than it may, and closes', async () => {
  const { queue, told } = open()
  queue.push(Buffer.from('0123456789'))
  expect(await readText(queue, 4)).toBe('0123')
  expect(told).toEqual(['destroy'])
})

function open() {
  const told: (keyof Flow)[] = []
  const queue = createByteQueue({
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
    destroy: () => told.push('destroy'),
  })
  return { queue, told }
}
