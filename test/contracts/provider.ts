// What every provider promises, run through each wire format.

import { describe, expect, it } from 'vitest'
import {
  type Provider,
  type ProviderRequest,
  type ResponseHead,
  type StreamTimers,
  type ToolSettings,
  toMessage,
} from '../../daemon/providers/provider.ts'
import { ERROR_TRAITS, type ErrorCode, NatterError } from '../../src/protocol/errors.ts'
import { EMPTY_REPLY, fold, type ReplyState, type StreamPart, textOf } from '../../src/protocol/stream.ts'
import { WEATHER_CALLS } from '../helpers/aimock.ts'
import { LAB_TEXT, type LabCall, type Scenario } from '../helpers/lab.ts'

export interface OpenedProvider extends AsyncDisposable {
  readonly model: string
  /** A provider whose server knows the keywords of test/helpers/aimock.ts, or misbehaves as the scenario says. */
  provider(options?: { readonly scenario?: Scenario; readonly timers?: Partial<StreamTimers> }): Provider
  /** The next call that a misbehaving server takes. */
  nextCall(): Promise<LabCall>
}

export interface ProviderTraits {
  /** Whether there is a server that can fail, stall and leave. */
  readonly network: boolean
}

export interface Outcome {
  readonly reply: ReplyState
  readonly batches: readonly (readonly StreamPart[])[]
  readonly error: unknown
  readonly head: ResponseHead | null
}

export function ask(model: string, text: string, parameters: ProviderRequest['parameters'] = {}): ProviderRequest {
  return { model, system: 'Be brief.', messages: [toMessage('user', text)], parameters }
}

export interface Hooks {
  readonly signal?: AbortSignal
  readonly onBatch?: (parts: readonly StreamPart[]) => void
  readonly onHead?: (head: ResponseHead) => void
}

/** Reads a stream to its end, whatever that is. */
export async function collect(provider: Provider, request: ProviderRequest, hooks: Hooks = {}): Promise<Outcome> {
  const batches: (readonly StreamPart[])[] = []
  const signal = hooks.signal ?? new AbortController().signal
  let reply = EMPTY_REPLY
  let head: ResponseHead | null = null
  let error: unknown = null
  try {
    for await (const parts of provider.stream(request, { signal, onHead })) {
      batches.push(parts)
      for (const part of parts) reply = fold(reply, part)
      hooks.onBatch?.(parts)
    }
  } catch (thrown) {
    error = thrown
  }
  return { reply, batches, error, head }

  function onHead(seen: ResponseHead): void {
    head = seen
    hooks.onHead?.(seen)
  }
}

export function expectFailure(error: unknown, code: ErrorCode): NatterError {
  expect(error).toBeInstanceOf(NatterError)
  const failure = error as NatterError
  expect(failure.code, failure.message).toBe(code)
  return failure
}

/** How long a server may take to see that its caller left, in milliseconds; the machine may be busy. */
const CLOSE_MS = 50
const BUSY_MS = 950

export function describeProvider(name: string, open: () => Promise<OpenedProvider>, traits: ProviderTraits): void {
  describe(name, () => {
    answers(open)
    if (!traits.network) return
    reasoning(open)
    tools(open)
    refusals(open)
    breaks(open)
    timers(open)
    aborts(open)
  })
}

function answers(open: () => Promise<OpenedProvider>): void {
  it('stream() yields text in batches and ends with finish in the last one', async () => {
    await using opened = await open()
    const { reply, batches, error, head } = await collect(opened.provider(), ask(opened.model, 'hello'))
    expect(error).toBeNull()
    expect(textOf(reply.parts).length).toBeGreaterThan(20)
    expect(batches.length).toBeGreaterThan(1)
    expect(reply.finish?.reason).toBe('stop')
    expect(batches.at(-1)?.at(-1)?.type).toBe('finish')
    expect(head?.status).toBe(200)
  })

  it('stream() reports usage before finish', async () => {
    await using opened = await open()
    const { reply, batches } = await collect(opened.provider(), ask(opened.model, 'think'))
    expect(reply.usage?.inputTokens).toBeGreaterThan(0)
    expect(reply.usage?.outputTokens).toBeGreaterThan(0)
    expect(
      batches
        .at(-1)
        ?.map(({ type }) => type)
        .slice(-2),
    ).toEqual(['usage', 'finish'])
  })

  it('stream() calls nobody and throws the reason when it was aborted before', async () => {
    await using opened = await open()
    const reason = new Error('not wanted')
    const { error, batches } = await collect(opened.provider(), ask(opened.model, 'hello'), {
      signal: AbortSignal.abort(reason),
    })
    expect(error).toBe(reason)
    expect(batches).toEqual([])
  })

  it('stream() throws the reason of an abort in the middle and keeps what came', async () => {
    await using opened = await open()
    const controller = new AbortController()
    const reason = new Error('enough')
    const { error, reply } = await collect(opened.provider(), ask(opened.model, 'long'), {
      signal: controller.signal,
      onBatch: () => controller.abort(reason),
    })
    expect(error).toBe(reason)
    expect(textOf(reply.parts)).not.toBe('')
    expect(reply.finish).toBeNull()
  })

  it('listModels() names models', async () => {
    await using opened = await open()
    const models = await opened.provider().listModels(new AbortController().signal)
    expect(models.length).toBeGreaterThan(0)
    expect(models.every(({ id }) => id !== '')).toBe(true)
  })
}

function reasoning(open: () => Promise<OpenedProvider>): void {
  it('stream() keeps reasoning apart from text', async () => {
    await using opened = await open()
    const { reply } = await collect(opened.provider(), ask(opened.model, 'think'))
    expect(reply.parts).toEqual([
      { type: 'reasoning', text: 'Let me think step by step.' },
      { type: 'text', text: 'The answer is 42.' },
    ])
  })
}

const TOOLS: ToolSettings = {
  tools: ['get_weather', 'get_time'].map((name) => ({
    name,
    description: name,
    parameters: { type: 'object', properties: { city: { type: 'string' }, zone: { type: 'string' } } },
    strict: null,
  })),
  choice: 'auto',
  parallel: null,
}

function tools(open: () => Promise<OpenedProvider>): void {
  it('stream() yields calls, and answers with their results', async () => {
    await using opened = await open()
    const provider = opened.provider()
    const question = { ...ask(opened.model, 'weather'), tools: TOOLS }
    const { reply, batches } = await collect(provider, question)
    const calls = reply.parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
    expect(calls.map(({ name, text }) => [name, JSON.parse(text)])).toEqual(
      WEATHER_CALLS.map((call) => [call.name, JSON.parse(call.arguments)]),
    )
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(2)
    expect(calls.every(({ callId }) => callId.length > 4)).toBe(true)
    expect(reply.finish?.reason).toBe('tool-calls')
    expect(batches.at(-1)?.at(-1)?.type).toBe('finish')

    const results = calls.map(({ callId, name }) => ({
      type: 'tool-result' as const,
      callId,
      name,
      text: name === 'get_time' ? 'noon' : 'snow',
    }))
    const answer = await collect(provider, {
      ...question,
      messages: [...question.messages, { role: 'assistant', content: calls }, { role: 'user', content: results }],
    })
    expect(answer.error).toBeNull()
    expect(textOf(answer.reply.parts)).toMatch(/snow.* and .*noon/)
    expect(answer.reply.finish?.reason).toBe('stop')
  })
}

function refusals(open: () => Promise<OpenedProvider>): void {
  const cases: readonly (readonly [string, ErrorCode])[] = [
    ['ratelimited', 'rate-limited'],
    ['noquota', 'quota-exhausted'],
    ['toolong', 'context-exceeded'],
    ['overloaded', 'overloaded'],
    ['boom', 'provider-failed'],
    ['badkey', 'key-refused'],
  ]
  it.each(cases)('stream() throws for "%s" the code %s', async (prompt, code) => {
    await using opened = await open()
    const { error, batches, head } = await collect(opened.provider(), ask(opened.model, prompt))
    const failure = expectFailure(error, code)
    expect(batches).toEqual([])
    expect(head?.status).toBeGreaterThanOrEqual(400)
    expect(failure.message).toMatch(/^Cannot /)
    expect(failure.hint).not.toBeNull()
    if (code === 'rate-limited') expect(failure.retryAfterMs).toBe(1000)
  })

  it('stream() never calls a used-up quota retryable', () => {
    expect(ERROR_TRAITS['quota-exhausted'].retryable).toBe(false)
  })
}

function breaks(open: () => Promise<OpenedProvider>): void {
  it.each<readonly [Scenario, ErrorCode]>([
    ['unfinished', 'truncated'],
    ['cut', 'truncated'],
    ['failing', 'overloaded'],
  ])('stream() keeps the text of a stream that breaks as "%s" and throws %s', async (scenario, code) => {
    await using opened = await open()
    const { error, reply } = await collect(opened.provider({ scenario }), ask(opened.model, 'x'))
    expectFailure(error, code)
    expect(textOf(reply.parts)).toBe(LAB_TEXT)
    expect(reply.finish).toBeNull()
  })

  it('stream() keeps the text of an answer that the server cuts by itself', async () => {
    await using opened = await open()
    const { error, reply } = await collect(opened.provider(), ask(opened.model, 'cutoff'))
    expectFailure(error, 'truncated')
    expect(textOf(reply.parts)).toMatch(/^word0/)
  })

  it.each<Scenario>(['garbage', 'page', 'moved'])('stream() throws protocol-error for "%s"', async (scenario) => {
    await using opened = await open()
    const { error } = await collect(opened.provider({ scenario }), ask(opened.model, 'x'))
    expectFailure(error, 'protocol-error')
  })
}

function timers(open: () => Promise<OpenedProvider>): void {
  it.each<readonly [Scenario, Partial<StreamTimers>, RegExp]>([
    ['silent', { firstByte: 50 }, /no first byte of an answer within 50 ms/],
    ['headed', { firstByte: 50 }, /no first byte of an answer within 50 ms/],
    ['idle', { progress: 50 }, /no progress of the answer within 50 ms/],
    ['stalled', { progress: 50 }, /no progress of the answer within 50 ms/],
    ['pinging', { progress: 50 }, /no progress of the answer within 50 ms/],
    ['endless', { total: 80 }, /no complete answer within 80 ms/],
  ])('stream() ends a server that is "%s" by the timer %o', async (scenario, set, message) => {
    await using opened = await open()
    const called = opened.nextCall()
    const { error, reply } = await collect(opened.provider({ scenario, timers: set }), ask(opened.model, 'x'))
    expect(expectFailure(error, 'timeout').message).toMatch(message)
    if (scenario === 'stalled' || scenario === 'pinging') expect(textOf(reply.parts)).toBe(LAB_TEXT)
    await (await called).closed
  })
}

function aborts(open: () => Promise<OpenedProvider>): void {
  it.each<readonly [Scenario, 'call' | 'head' | 'batch']>([
    ['silent', 'call'],
    ['headed', 'head'],
    ['idle', 'head'],
    ['stalled', 'batch'],
    ['pinging', 'batch'],
    ['endless', 'batch'],
  ])('stream() aborted while the server is "%s" leaves no call behind', async (scenario, moment) => {
    await using opened = await open()
    const controller = new AbortController()
    const reason = new Error('stop')
    const called = opened.nextCall()
    const reached = { head: Promise.withResolvers<void>(), batch: Promise.withResolvers<void>() }
    const collected = collect(opened.provider({ scenario }), ask(opened.model, 'x'), {
      signal: controller.signal,
      onHead: () => reached.head.resolve(),
      onBatch: () => reached.batch.resolve(),
    })
    const call = await called
    if (moment !== 'call') await reached[moment].promise
    const abortedAt = performance.now()
    controller.abort(reason)
    expect((await collected).error).toBe(reason)
    expect((await call.closed) - abortedAt).toBeLessThan(CLOSE_MS + BUSY_MS)
  })

  it('stream() left early by its reader leaves no call behind', async () => {
    await using opened = await open()
    const called = opened.nextCall()
    const { signal } = new AbortController()
    for await (const parts of opened.provider({ scenario: 'endless' }).stream(ask(opened.model, 'x'), { signal })) {
      expect(parts.length).toBeGreaterThan(0)
      break
    }
    await (await called).closed
  })
}
