import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCatalogue } from '../../../daemon/models/catalogue.ts'
import { trimModelsDev } from '../../../daemon/models/models-dev.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import type { Usage } from '../../../src/protocol/stream.ts'
import { answering } from './http-answer.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const DAY = new Date('2026-11-25T10:00:00Z')
const NEVER = new AbortController().signal

function model(id: string, more: object = {}): object {
  return {
    id,
    name: id.toUpperCase(),
    reasoning: true,
    release_date: '2026-11-20',
    modalities: { input: ['text', 'image', 'video'], output: ['text'] },
    limit: { context: 123_000, input: 100_000, output: 4000 },
    cost: { input: 7, output: 21, cache_read: 0.7 },
    ...more,
  }
}

/** As https://models.dev/api.json has them: providers by name, models by name. */
const CATALOGUE = {
  openai: {
    id: 'openai',
    models: {
      'gpt-7': model('gpt-7'),
      'gpt-6.1-sol': model('gpt-6.1-sol', {
        cost: {
          input: 1.5,
          output: 8,
          cache_read: 0.15,
          cache_write: 2,
          tiers: [{ tier: { type: 'context', size: 272_000 }, input: 3, output: 12, cache_read: 0.3, cache_write: 4 }],
        },
      }),
      'gpt-free': model('gpt-free', { cost: { input: 0, output: 0 } }),
      'gpt-nothing': model('gpt-nothing', { cost: undefined }),
      'old-tiers': model('old-tiers', { cost: { input: 1, output: 2, context_over_200k: { input: 2, output: 4 } } }),
    },
  },
  anthropic: { models: { 'claude-opus-6': model('claude-opus-6') } },
  google: {
    models: {
      'gemini-4-argon': model('gemini-4-argon', { cost: { input: 2, output: 10 } }),
      'gemini-3.8-flash': model('gemini-3.8-flash', { cost: { input: 0.7, output: 3 } }),
    },
  },
  openrouter: { models: { 'a/b:free': model('a/b:free', { cost: { input: 0, output: 0 } }) } },
}

function usage(inputTokens: number, outputTokens = 0, cachedInputTokens = 0): Usage {
  const rest = { cacheWriteTokens: 0, reasoningTokens: 0, estimated: false }
  return { inputTokens, outputTokens, cachedInputTokens, ...rest }
}

function json(value: unknown): RequestListener {
  return (_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

async function failure(promise: Promise<unknown>): Promise<NatterError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof NatterError) return error
  throw new Error(`expected a NatterError, got ${String(error)}`)
}

it('Catalogue.refresh() takes the new data at once and at the next start', async () => {
  await using directory = await temporaryDirectory()
  await using server = await answering(json(CATALOGUE))
  const file = join(directory.path, 'deeper', 'models.json')
  const options = { file, fetchUrl: server.url, now: () => DAY }
  const catalogue = openCatalogue(options)
  expect(await catalogue.get('openai/gpt-7')).toBeNull()
  expect(await catalogue.refresh(NEVER)).toEqual({ models: 9, pricesDate: '2026-11-25' })

  for (const current of [catalogue, openCatalogue(options)]) {
    expect(await current.pricesDate()).toBe('2026-11-25')
    expect(await current.get('openai/gpt-7')).toEqual({
      model: 'openai/gpt-7',
      provider: 'openai',
      name: 'GPT-7',
      contextTokens: 123_000,
      outputTokens: 4000,
      inputPrice: 7,
      outputPrice: 21,
      cachedInputPrice: 0.7,
      input: ['text', 'image', 'video'],
      output: ['text'],
      reasoning: true,
    })
    expect(await current.cost('openai/gpt-7', usage(1000, 100))).toBe(7000 + 2100)
    expect(await current.cost('openai/gpt-6.1-sol', usage(272_000, 10))).toBe(408_000 + 80)
    expect(await current.cost('openai/gpt-6.1-sol', usage(272_001, 10))).toBe(816_003 + 120)
    expect(await current.cost('openai/old-tiers', usage(200_001))).toBe(400_002)
    // What the answer does not hold stays as it was shipped.
    expect(await current.cost('anthropic/claude-sonnet-5-5', usage(1000))).toBe(2000)
    const openai = (await current.list()).filter(({ provider }) => provider === 'openai')
    expect(openai.slice(0, 2).map((found) => found.model)).toEqual(['openai/gpt-7', 'openai/gpt-6.1-sol'])
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(directory.path, 'deeper'))).toEqual(['models.json'])
})

it('Catalogue.refresh() takes a 0 for free only where it is sold as free, and what is not named for unknown', async () => {
  await using directory = await temporaryDirectory()
  await using server = await answering(json(CATALOGUE))
  const catalogue = openCatalogue({ file: join(directory.path, 'm.json'), fetchUrl: server.url, now: () => DAY })
  await catalogue.refresh(NEVER)
  expect(await catalogue.cost('openai/gpt-free', usage(1))).toBeNull()
  expect(await catalogue.cost('openai/gpt-nothing', usage(1))).toBeNull()
  expect(await catalogue.cost('openai/old-tiers', usage(10, 0, 5))).toBeNull()
  expect(await catalogue.cost('openrouter/a/b:free', usage(1, 1))).toBe(0)
})

it('Catalogue.refresh() does not hide a change of price that was announced before', async () => {
  await using directory = await temporaryDirectory()
  await using server = await answering(json(CATALOGUE))
  const file = join(directory.path, 'm.json')
  await openCatalogue({ file, fetchUrl: server.url, now: () => DAY }).refresh(NEVER)
  const before = openCatalogue({ file, now: () => new Date('2026-11-30T12:00:00Z') })
  const after = openCatalogue({ file, now: () => new Date('2026-12-02T12:00:00Z') })
  expect(await before.cost('gemini/gemini-4-argon', usage(1000))).toBe(2000)
  expect(await after.cost('gemini/gemini-4-argon', usage(1000))).toBe(4000)
  // Known to the package only: genai-prices has $0.75 until the end of 2026 and $1.50 from 2027 on.
  const newYear = openCatalogue({ file, now: () => new Date('2027-01-01T00:00:00Z') })
  expect(await after.cost('gemini/gemini-3.8-flash', usage(1000))).toBe(700)
  expect(await newYear.cost('gemini/gemini-3.8-flash', usage(1000))).toBe(1500)
})

it('Catalogue.refresh() that is older than the shipped prices does not replace them', async () => {
  await using directory = await temporaryDirectory()
  await using server = await answering(json(CATALOGUE))
  const file = join(directory.path, 'm.json')
  await openCatalogue({ file, fetchUrl: server.url, now: () => new Date('2026-08-01T00:00:00Z') }).refresh(NEVER)
  const catalogue = openCatalogue({ file, now: () => DAY })
  expect(await catalogue.pricesDate()).toBe('2026-09-22')
  expect(await catalogue.cost('openai/gpt-6.1-sol', usage(1000))).toBe(2000)
  expect(await catalogue.cost('openai/gpt-7', usage(1000))).toBe(7000)
})

const broken: readonly (readonly [string, string, RequestListener])[] = [
  ['an empty answer', 'protocol-error', (_request, response) => response.end()],
  ['garbage', 'protocol-error', (_request, response) => response.end('<html>\u0000 maintenance')],
  ['an answer cut off', 'protocol-error', (_request, response) => response.end(JSON.stringify(CATALOGUE).slice(0, -9))],
  ['null', 'protocol-error', json(null)],
  ['a list', 'protocol-error', json([CATALOGUE])],
  ['other data', 'protocol-error', json({ openai: 1, anthropic: { models: [] }, google: { models: 'x' } })],
  ['too few providers', 'protocol-error', json({ openai: CATALOGUE.openai })],
  ['status 404', 'provider-failed', (_request, response) => response.writeHead(404).end('{}')],
  ['status 503', 'provider-failed', (_request, response) => response.writeHead(503).end(JSON.stringify(CATALOGUE))],
  [
    'a redirect loop',
    'protocol-error',
    (_request, response) => response.writeHead(302, { location: '/api.json' }).end(),
  ],
  [
    'a redirect to a file',
    'protocol-error',
    (_request, response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
  ],
  [
    'a redirect to nonsense',
    'protocol-error',
    (_request, response) => response.writeHead(302, { location: 'http://[' }).end(),
  ],
  [
    'a broken connection',
    'connection-failed',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"openai":')
      setImmediate(() => response.destroy())
    },
  ],
  [
    'an endless answer',
    'too-large',
    (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    },
  ],
]

it.each(broken)('Catalogue.refresh() keeps the old data on %s', async (_what, code, listener) => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'm.json')
  {
    await using good = await answering(json(CATALOGUE))
    await openCatalogue({ file, fetchUrl: good.url, now: () => DAY }).refresh(NEVER)
  }
  const kept = await readFile(file, 'utf8')
  await using server = await answering(listener)
  const catalogue = openCatalogue({ file, fetchUrl: server.url, now: () => DAY })
  const error = await failure(catalogue.refresh(NEVER))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(/^Cannot (?:fetch|read the catalogue of) "http/)
  expect(await readFile(file, 'utf8')).toBe(kept)
  expect(await readdir(directory.path)).toEqual(['m.json'])
  expect(await catalogue.cost('openai/gpt-7', usage(1000))).toBe(7000)
  expect(server.requests.length).toBeLessThanOrEqual(4)
})

it('Catalogue.refresh() says so when nobody answers', async () => {
  const { url } = await answering(json({})).then(async (server) => {
    await server[Symbol.asyncDispose]()
    return server
  })
  const error = await failure(openCatalogue({ file: '/nonexistent/m.json', fetchUrl: url }).refresh(NEVER))
  expect(error.code).toBe('connection-failed')
  expect(error.hint).toBe('Check the network connection and try again')
})

it('Catalogue.refresh() stops with the signal’s reason', async () => {
  const controller = new AbortController()
  const reason = new Error('the daemon stops')
  await using server = await answering(() => controller.abort(reason))
  const refreshing = openCatalogue({ file: '/nonexistent/m.json', fetchUrl: server.url }).refresh(controller.signal)
  await expect(refreshing).rejects.toBe(reason)
  await expect(openCatalogue({ file: '/x', fetchUrl: server.url }).refresh(controller.signal)).rejects.toBe(reason)
})

it('Catalogue.refresh() says so when the file cannot be written', async () => {
  await using directory = await temporaryDirectory()
  await using server = await answering(json(CATALOGUE))
  await writeFile(join(directory.path, 'file'), '')
  const catalogue = openCatalogue({ file: join(directory.path, 'file', 'm.json'), fetchUrl: server.url })
  expect((await failure(catalogue.refresh(NEVER))).code).toBe('storage-failed')
  expect(await catalogue.get('openai/gpt-7')).toBeNull()
})

it.each(['', '{', 'null', '{"fetchedOn":"2026-11-25","providers":{}}', '{"fetchedOn":3,"providers":[]}', '[1,2]'])(
  'openCatalogue() goes on with the shipped prices where the file holds %j',
  async (text) => {
    await using directory = await temporaryDirectory()
    const file = join(directory.path, 'm.json')
    await writeFile(file, text)
    const catalogue = openCatalogue({ file, now: () => DAY })
    expect(await catalogue.pricesDate()).toBe('2026-09-22')
    expect(await catalogue.cost('openai/gpt-6.1-sol', usage(1000))).toBe(2000)
  },
)

it('openCatalogue() does not believe a file from the future', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'm.json')
  await writeFile(file, JSON.stringify({ fetchedOn: '2099-01-01', providers: CATALOGUE }))
  expect(await openCatalogue({ file, now: () => DAY }).pricesDate()).toBe('2026-11-25')
})

it('trimModelsDev() lets only what it knows pass, whatever the values are', async () => {
  const hostile = JSON.parse(
    JSON.stringify({
      ...CATALOGUE,
      mistral: {
        models: {
          'evil\u001b[31m': model('x'),
          'ok-1': {
            name: 'N\u001b]0;x\u0007ame',
            cost: { input: '1', output: -2, cache_read: 1e300 },
            limit: { context: -1 },
          },
          'ok-2': { name: 5, modalities: { input: 'text', output: [1, 'text', 'smell'] }, reasoning: 'yes', cost: [] },
          'ok-3': null,
          __proto__x: 1,
        },
      },
      deepseek: { models: { __proto__: { a: 1 } } },
    }),
  )
  await using directory = await temporaryDirectory()
  await using server = await answering(json(hostile))
  const catalogue = openCatalogue({ file: join(directory.path, 'm.json'), fetchUrl: server.url, now: () => DAY })
  await catalogue.refresh(NEVER)
  const listed = (await catalogue.list()).filter(({ provider }) => provider === 'mistral')
  expect(listed.some(({ model: name }) => name.includes('\u001b'))).toBe(false)
  expect(await catalogue.get('mistral/ok-1')).toMatchObject({
    name: 'N]0;xame',
    inputPrice: null,
    outputPrice: null,
    cachedInputPrice: null,
    contextTokens: null,
  })
  expect(await catalogue.get('mistral/ok-2')).toMatchObject({ name: 'ok-2', output: ['text'], reasoning: null })
  expect(await catalogue.get('mistral/ok-3')).toBeNull()
  expect(trimModelsDev({ providers: CATALOGUE })).not.toBeNull()
})
