import { expect, it } from 'vitest'
import { createSerialQueue } from '../../../daemon/turn/queue.ts'

it('run() runs tasks of one key one after the other, and those of others beside them', async () => {
  const queue = createSerialQueue<string>()
  const seen: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = queue.run('a', async () => {
    seen.push('a1')
    await gate.promise
    seen.push('a1 end')
  })
  const second = queue.run('a', async () => void seen.push('a2'))
  await queue.run('b', async () => void seen.push('b1'))
  expect(queue.depth('a')).toBe(2)
  gate.resolve()
  await Promise.all([first, second])
  expect(seen).toEqual(['a1', 'b1', 'a1 end', 'a2'])
  await Promise.resolve()
  expect(queue.depth('a')).toBe(0)
})

it('run() goes on after a task that failed', async () => {
  const queue = createSerialQueue<string>()
  const failing = queue.run('a', () => Promise.reject(new Error('no')))
  const next = queue.run('a', () => Promise.resolve('yes'))
  await expect(failing).rejects.toThrow('no')
  await expect(next).resolves.toBe('yes')
})
