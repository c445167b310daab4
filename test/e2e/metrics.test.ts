import { request } from 'node:http'
import { expect, it } from 'vitest'
import { createHome, type Home } from '../helpers/home.ts'
import { startLimitedVendor } from '../helpers/limited-vendor.ts'

interface Answer {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly text: string
}

function get(home: Home, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: home.daemon()?.socket, path, headers: { host: 'localhost' } }, (response) => {
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

it('GET /metrics tells Prometheus of turns, tokens, queue and process', async () => {
  await using vendor = await startLimitedVendor({
    limits: { requestsPerMinute: 10_000, tokensPerMinute: 10_000_000 },
  })
  await using home = createHome({ providers: { v: { baseUrl: vendor.baseUrl, local: true } } })
  await home.run(['-q', '-m', 'v/m', 'hello'])
  await home.run(['-q', '-m', 'v/m', '--no-log', '--cache', 'hello'])
  await home.run(['-q', '-m', 'v/m', '--no-log', '--cache', 'hello'])
  const { status, type, text } = await get(home, '/metrics')
  expect(status).toBe(200)
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  const call = 'gen_ai_operation_name="chat",gen_ai_provider_name="v",gen_ai_request_model="m"'
  for (const line of [
    'natter_turns_total{origin="script",outcome="completed",model="v/m"} 3',
    'natter_attempts_total{model="v/m",code=""} 2',
    'natter_cache_hits_total 1',
    `gen_ai_client_token_usage_count{${call},gen_ai_token_type="input"} 2`,
    `gen_ai_client_operation_duration_seconds_count{${call}} 2`,
    'natter_upstream_calls_open{model="v/m"} 0',
    'natter_storage_state{state="ok"} 1',
    'natter_overhead_seconds_count 2',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
  expect((await get(home, '/metrics')).text).toContain('natter_turns_total{origin="script"')
})
