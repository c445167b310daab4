// Search: no text that people type is an error, and a search thread that dies is replaced.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toSearchQuery } from '../../../daemon/store/search-query.ts'
import { cutSnippet } from '../../../daemon/store/search-snippet.ts'
import { createStoreWorker } from '../../../daemon/store/worker-client.ts'
import { openTemporaryStore, saveTurn, temporaryDirectory } from '../../helpers/store.ts'

const OPERATORS = [
  'AND',
  'OR',
  'NOT',
  'NEAR(',
  '"',
  "'",
  '*',
  '^',
  ':',
  '-',
  '+',
  '(',
  ')',
  '{',
  '}',
  'text:',
  '\0',
  '🦊',
  '中',
]

it('messages.search() takes any junk without an error', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  await saveTurn(store, { prompt: 'NEAR and far AND OR NOT 🦊', answer: 'text: "quoted" 中文 c++' })
  const piece = fc.oneof(fc.constantFrom(...OPERATORS), fc.string({ unit: 'binary', maxLength: 5 }), fc.string())
  const junk = fc.array(piece, { maxLength: 30 }).chain((pieces) => fc.constantFrom(pieces.join(''), pieces.join(' ')))
  await fc.assert(
    fc.asyncProperty(junk, async (query) => {
      const { hits } = await store.messages.search(query, 5)
      expect(hits.length).toBeLessThanOrEqual(5)
    }),
    { numRuns: 500 },
  )
  for (const query of ['"', '*', '^', '""', '"" ""', 'a'.repeat(10_000), 'a '.repeat(5_000), '\ud800', '\0', '" *']) {
    await store.messages.search(query, 5)
  }
  expect((await store.messages.search('中', 5)).hits).toHaveLength(1)
  expect((await store.messages.search('"and far"', 5)).hits).toHaveLength(1)
  expect((await store.messages.search('"quoted', 5)).hits).toHaveLength(1)
})

it('messages.search() ranks among the newest matches and says when there are more', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  const all = Array.from({ length: 260 }, (_, index) => index)
  const turns = await Promise.all(
    all.map((index) => saveTurn(store, { prompt: `apple ${index}`, answer: 'apple pie' })),
  )
  const rich = await saveTurn(store, { prompt: 'apple apple apple', answer: 'pear' })
  const { hits, truncated } = await store.messages.search('apple', 10)
  expect(truncated).toBe(true)
  expect(hits).toHaveLength(10)
  expect(hits[0]?.messageId).toBe(rich.userMessageId)
  const oldest = await store.messages.search('apple 0', 3)
  expect(oldest.hits[0]?.messageId).toBe(turns[0]?.userMessageId)
})

it('messages.search() shows about 200 characters of a word of megabytes, with its marks in pairs', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  const giant = `needle${'x'.repeat(1_000_000)}`
  await saveTurn(store, { prompt: giant, answer: `${'🦊'.repeat(5_000)} haystack ${'🦊'.repeat(5_000)}` })
  const [hit] = (await store.messages.search('needl', 5)).hits.filter(({ role }) => role === 'user')
  expect(hit?.snippet).toMatch(/^\x02needlex{150,200}\x03…$/)
  const [answer] = (await store.messages.search('haystack', 5)).hits
  expect(answer?.snippet).toMatch(/^…🦊+ \x02haystack\x03 🦊+…$/u)
  expect(answer?.snippet.length).toBeLessThan(250)
  expect(answer?.snippet.isWellFormed()).toBe(true)
})

it('messages.search() shows a match of a text of megabytes at once, however often it matches', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  const often = 'error '.repeat(300_000)
  await saveTurn(store, { prompt: often, answer: `${'filler '.repeat(20_000)}a Needle in ${'filler '.repeat(20_000)}` })
  const snippetOf = async (query: string) => (await store.messages.search(query, 5)).hits[0]?.snippet
  expect(await snippetOf('error')).toMatch(/^\x02error\x03 (\x02error\x03 )+.*…$/)
  expect(await snippetOf('needle')).toMatch(/^….*filler a \x02Needle\x03 in filler.*…$/)
  expect(await snippetOf('needl')).toContain('a \x02Needle\x03 in')
  expect(await snippetOf('"a needle in"')).toContain('\x02a Needle in\x03')
  expect(await snippetOf('in filler needle')).toContain('\x02Needle\x03 \x02in\x03 \x02filler\x03')
})

it('messages.search() shows the beginning of a text that matches far from it', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  await saveTurn(store, { prompt: `${'filler '.repeat(200_000)}needle`, answer: '🦊'.repeat(10_000) })
  const { hits } = await store.messages.search('needle', 5)
  expect(hits).toHaveLength(1)
  expect(hits[0]?.snippet).toMatch(/^(filler )+.*…$/)
})

it('cutSnippet() leaves what is short, keeps a match that stands at the end, and closes what it cuts', () => {
  const short = 'a \x02match\x03 b'
  expect(cutSnippet(short)).toBe(short)
  expect(cutSnippet(`${'a'.repeat(1_000)}\x02b\x03`)).toMatch(/^…a+\x02b\x03$/)
  expect(cutSnippet(`\x02${'b'.repeat(1_000)}\x03 c`)).toMatch(/^\x02b+\x03…$/)
  expect(cutSnippet('a'.repeat(1_000))).toHaveLength(201)
})

it('toSearchQuery() quotes every term, keeps phrases, and leaves the last word open while it is typed', () => {
  expect(toSearchQuery('rust async "event loop" strea')).toEqual({
    exact: '"rust" "async" "event loop" "strea"',
    open: '"rust" "async" "event loop" "strea" *',
    words: '"rust" OR "async" OR "event" OR "loop"',
  })
  expect(toSearchQuery('done ')?.open).toBeNull()
  expect(toSearchQuery('"done"')?.open).toBeNull()
  expect(toSearchQuery('a')?.open).toBeNull()
  expect(toSearchQuery('c++')).toEqual({ exact: '"c++"', open: null, words: '"c"' })
  expect(toSearchQuery('-- * "" 🦊')).toBeNull()
})

const CRASHING = `
  import { parentPort } from 'node:worker_threads'
  let jobs = 0
  parentPort.on('message', (request) => {
    if (request === null) return parentPort.close()
    if (request.job.query === 'crash') throw new Error('crashed on purpose')
    jobs += 1
    parentPort.postMessage({ number: request.number, type: 'result', result: { hits: [], truncated: jobs > 1 } })
  })
`

it('createStoreWorker() replaces a thread that died, and ends an idle one', async () => {
  await using directory = await temporaryDirectory()
  const entry = join(directory.path, 'worker.mjs')
  await writeFile(entry, CRASHING)
  const worker = createStoreWorker({ file: 'unused', workerFile: pathToFileURL(entry), idleMs: 0 })
  const search = (query: string) => worker.run({ type: 'search', query, limit: 1 })
  const [first, second] = await Promise.all([search('a'), search('b')])
  expect([first, second]).toEqual([
    { hits: [], truncated: false },
    { hits: [], truncated: true },
  ])
  const [crash, waiting] = await Promise.allSettled([search('crash'), search('c')])
  expect(crash).toMatchObject({ status: 'rejected', reason: { code: 'storage-failed' } })
  expect(waiting.status).toBe('rejected')
  // A new thread each time: the one before was idle for longer than it may be.
  await expect.poll(() => search('a')).toEqual({ hits: [], truncated: false })
  await worker.close()
  await expect(search('a')).rejects.toThrow(TypeError)
})
