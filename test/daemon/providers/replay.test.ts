// Every recorded answer through a real connection and the whole of a provider.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { ask, collect, type Outcome } from '../../contracts/provider.ts'
import { type ByteServer, type Reply, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import { STREAM_FIXTURES, type StreamFixture, usageOf, withoutMadeIds } from './fixtures.ts'

const FIXTURES = new URL('../../fixtures/providers/', import.meta.url)
/** In how many places each stream is cut. */
const CUTS = 8

it.each(STREAM_FIXTURES)('stream() reads $file in one piece', async (fixture) => {
  await using server = await startByteServer(replyOf(fixture, [bytesOf(fixture)]))
  await using opened = open(server, fixture)
  expectOutcome(await opened.read(), fixture)
})

it.each(STREAM_FIXTURES)('stream() reads $file in two pieces, cut in many places', async (fixture) => {
  const bytes = bytesOf(fixture)
  await using server = await startByteServer()
  for (let index = 1; index <= CUTS; index += 1) {
    const cut = Math.max(1, Math.floor((bytes.length * index) / (CUTS + 1)))
    server.enqueue(replyOf(fixture, [bytes.subarray(0, cut), bytes.subarray(cut)]))
  }
  await using opened = open(server, fixture)
  for (let index = 1; index <= CUTS; index += 1) expectOutcome(await opened.read(), fixture)
})

it('stream fixtures are all listed', () => {
  const files = readdirSync(FIXTURES).filter((file) => file !== 'README.md')
  expect(files.sort()).toEqual(STREAM_FIXTURES.map(({ file }) => file).sort())
  const table = readFileSync(new URL('README.md', FIXTURES), 'utf8')
  for (const file of files) expect(table).toContain(`| \`${file}\` |`)
})

function open(server: ByteServer, { format }: StreamFixture) {
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl: server.url }))
  return { read: () => collect(provider, ask('model', 'x')), [Symbol.asyncDispose]: () => providers.close() }
}

function expectOutcome({ reply, error, batches }: Outcome, fixture: StreamFixture): void {
  expect(withoutMadeIds(reply.parts)).toEqual(fixture.parts)
  expect(reply.usage).toEqual(usageOf(fixture))
  expect(error instanceof NatterError ? error.code : error).toBe(fixture.error)
  if (fixture.error === null) expect(batches.at(-1)?.at(-1)?.type).toBe('finish')
  const [reason, raw] = fixture.finish ?? []
  expect(reply.finish).toEqual(fixture.finish === null ? null : { reason, raw })
}

function replyOf({ file }: StreamFixture, chunks: Reply['chunks']): Reply {
  return { headers: { 'content-type': file.endsWith('.json') ? 'application/json' : 'text/event-stream' }, chunks }
}

function bytesOf({ file }: StreamFixture): Uint8Array {
  return readFileSync(new URL(file, FIXTURES))
}
