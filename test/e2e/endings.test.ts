// Answers that are no whole answers: what is said of them, and with which code the commands exit.

import { expect, it } from 'vitest'
import { type ByteServer, startByteServer } from '../helpers/byte-server.ts'
import { createHome, type Home } from '../helpers/home.ts'
import { formatOf, type NetworkFormat } from '../helpers/wire.ts'

const ASK = ['-m', 'openai-chat/any', 'question']

/** A vendor that says the text and ends it for the reason, in the words of its format. */
function startVendor(text: string, reasons: { readonly [Format in NetworkFormat]?: string }): Promise<ByteServer> {
  return startByteServer((response, request) => {
    const format = formatOf(request.url ?? '')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(bodyOf(format, text, reasons[format] ?? ''))
  })
}

function bodyOf(format: NetworkFormat, text: string, reason: string): string {
  switch (format) {
    case 'openai-chat':
      return data({ choices: [{ index: 0, delta: { content: text }, finish_reason: reason }] }) + data('[DONE]')
    case 'openai-responses':
      return (
        data({ type: 'response.output_text.delta', delta: text }) +
        data({
          type: 'response.incomplete',
          response: { status: 'incomplete', incomplete_details: { reason }, output: [], usage: null },
        })
      )
    case 'anthropic':
      return (
        data({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }) +
        data({ type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 1 } }) +
        data({ type: 'message_stop' })
      )
    case 'gemini':
      return data({ candidates: [{ content: { parts: [{ text }] }, finishReason: reason, index: 0 }] })
  }
}

function data(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
}

function homeOf({ url }: ByteServer): Home {
  const formats = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const
  const bases = { 'openai-chat': `${url}/v1`, 'openai-responses': `${url}/v1`, anthropic: url, gemini: url }
  return createHome({
    providers: Object.fromEntries(formats.map((format) => [format, { format, baseUrl: bases[format], local: true }])),
  })
}

it.each([
  ['openai-chat', 'content_filter'],
  ['openai-responses', 'content_filter'],
  ['anthropic', 'refusal'],
  ['gemini', 'SAFETY'],
] as const)('natter says that a filter of %s stopped the answer, and why, and exits 6', async (format, raw) => {
  await using vendor = await startVendor('some ', { [format]: raw })
  await using home = homeOf(vendor)
  const { code, stdout, stderr } = await home.run(['-m', `${format}/any`, 'question'])
  expect([code, stdout]).toEqual([6, 'some '])
  expect(stderr).toBe(`natter: the answer was refused or filtered (its provider says "${raw}")\n`)
})

it.each([
  ['said', 'length', 0, 'was cut off at its limit of output tokens; natter continue continues it; -o maxOutputTokens'],
  ['', 'length', 0, 'reached its limit of output tokens before its first word'],
  ['', 'stop', 0, 'is empty'],
  ['', 'content_filter', 6, 'was refused or filtered'],
  ['said', 'tool_calls', 0, 'ended where the model asked for a tool: natter runs none'],
])('natter of %j that ended with "%s" exits %i and says that it %s', async (text, reason, exitCode, words) => {
  await using vendor = await startVendor(text, { 'openai-chat': reason })
  await using home = homeOf(vendor)
  const { code, stdout, stderr } = await home.run(ASK)
  expect([code, stdout]).toEqual([exitCode, text])
  expect(stderr).toContain(`natter: the answer ${words}`)
  expect(await home.run(['-q', ...ASK])).toMatchObject({ code: exitCode, stdout: text, stderr: '' })
})

it('natter --json and stream-json keep their shapes for a refused answer, and exit 6', async () => {
  await using vendor = await startVendor('no', { 'openai-chat': 'content_filter' })
  await using home = homeOf(vendor)
  const json = await home.run(['-q', '--json', ...ASK])
  expect(json.code).toBe(6)
  expect(JSON.parse(json.stdout)).toMatchObject({
    text: 'no',
    finish: { reason: 'content-filter', raw: 'content_filter' },
    outcome: { type: 'completed' },
  })
  const events = await home.run(['-q', '--output-format', 'stream-json', ...ASK])
  expect(events.code).toBe(6)
  expect(events.stdout).toContain('"reason":"content-filter"')
})

it('natter -x of a refused answer exits 6, and of one that was cut off says both', async () => {
  await using vendor = await startVendor('no code', { 'openai-chat': 'content_filter' })
  await using home = homeOf(vendor)
  const refused = await home.run(['-x', ...ASK])
  expect([refused.code, refused.stdout]).toEqual([6, ''])
  expect(refused.stderr).toContain('refused or filtered')
  await using other = await startVendor('no code', { 'openai-chat': 'length' })
  await using otherHome = homeOf(other)
  const cut = await otherHome.run(['-x', ...ASK])
  expect(cut.code).toBe(1)
  expect(cut.stderr).toMatch(/was cut off[\s\S]*no code block/)
})

it('natter -n does not advise to continue what is kept nowhere', async () => {
  await using vendor = await startVendor('said', { 'openai-chat': 'length' })
  await using home = homeOf(vendor)
  const { stderr } = await home.run(['-n', ...ASK])
  expect(stderr).toContain('was cut off')
  expect(stderr).not.toContain('go on')
})

it('natter wait and tail exit 6 for a refused answer; last and history say it and exit 0', async () => {
  await using vendor = await startVendor('no', { 'openai-chat': 'content_filter' })
  await using home = homeOf(vendor)
  const id = (await home.run(['-q', '--detach', ...ASK])).stdout.trim()
  for (const command of ['wait', 'tail']) {
    const { code, stdout, stderr } = await home.run([command, id])
    expect([code, stdout]).toEqual([6, 'no'])
    expect(stderr).toContain('the answer was refused or filtered (its provider says "content_filter")')
  }
  const last = await home.run(['last'])
  expect([last.code, last.stdout]).toEqual([0, 'no'])
  expect(last.stderr).toContain('the answer in "question" was refused or filtered')
  for (const command of ['show', 'export']) {
    const { code, stdout } = await home.run(['history', command, 'question'])
    expect(code).toBe(0)
    expect(stdout).toContain('*[refused or filtered (its provider says "content_filter")]*')
  }
})

it.each([
  ['said', [], true],
  ['said', ['-n'], false],
  ['', [], false],
] as const)('natter says of %j, cut off without an end, with %j that it is kept: %s', async (text, options, isKept) => {
  const start = text === '' ? ': hello\n\n' : data({ choices: [{ index: 0, delta: { content: text } }] })
  await using vendor = await startByteServer({ chunks: [start] })
  await using home = homeOf(vendor)
  const { code, stdout, stderr } = await home.run([...ASK, ...options])
  expect([code, stdout]).toEqual([1, text])
  const offer = 'Run "natter continue" to go on from there, or "natter retry" to ask again; the text that came is kept'
  expect(stderr).toContain(isKept ? offer : 'Ask again')
  expect(stderr.includes('the text that came is kept')).toBe(isKept)
})

it('natter wait and tail offer to go on after an answer that was cut off, by its id', async () => {
  await using vendor = await startByteServer({
    chunks: [data({ choices: [{ index: 0, delta: { content: 'said' } }] })],
  })
  await using home = homeOf(vendor)
  const id = (await home.run(['-q', '--detach', ...ASK])).stdout.trim()
  for (const command of ['wait', 'tail']) {
    const { code, stdout, stderr } = await home.run([command, id])
    expect([code, stdout]).toEqual([1, 'said'])
    expect(stderr).toContain(
      `Run "natter continue ${id.slice(-8)}" to go on from there, or "natter retry ${id.slice(-8)}"`,
    )
  }
})

it('natter -u says nothing of tokens and cost where nobody could be asked', async () => {
  await using home = createHome({
    providers: { gone: { format: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', local: true } },
  })
  const { code, stderr } = await home.run(['-u', '-m', 'gone/model', 'question'])
  expect(code).toBe(1)
  expect(stderr).toContain('127.0.0.1:9')
  expect(stderr).not.toMatch(/tokens|cost/)
})
