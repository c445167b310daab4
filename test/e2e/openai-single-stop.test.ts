// A picture that is being drawn is work as an answer is: natterd counts it, and waits for it before it stops.

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { DAEMON_FILE } from '../../src/protocol/hello.ts'
import { clientOf, createHome } from '../helpers/home.ts'
import { openAiClientOf } from '../helpers/openai-client.ts'
import { until } from '../helpers/until.ts'

it('natterd waits for a picture that is drawn before it stops', async () => {
  const asked = Promise.withResolvers<() => void>()
  const vendor = createServer((_request, response) => {
    asked.resolve(() => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] }))
    })
  })
  vendor.listen(0, '127.0.0.1')
  await once(vendor, 'listening')
  const baseUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1`
  await using home = createHome({ providers: { slow: { format: 'openai-chat', baseUrl, local: true } } })
  await using client = await openAiClientOf(home)
  const drawing = client.sdk.images.generate({ model: 'slow/m', prompt: 'a dot' })
  const draw = await asked.promise
  expect((await clientOf(home).call('status', {})).activeTurns).toBe(1)
  const stopping = home.run(['daemon', 'stop'])
  await until(() => !existsSync(`${home.paths.state}/${DAEMON_FILE}`))
  draw()
  expect((await drawing).data).toHaveLength(1)
  expect((await stopping).code).toBe(0)
  vendor.close()
})
