// The TCP door as it is opened, moved and closed; the settings are a table in memory that a test can make fail.

import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { createServe } from '../../daemon/serve.ts'
import { createTcpServer } from '../../daemon/server/tcp-server.ts'
import type { SettingsFile } from '../../daemon/settings.ts'
import { createTestDevices } from '../helpers/device-records.ts'
import { ask, raw } from '../helpers/tcp-door.ts'
import { until } from '../helpers/until.ts'

async function createTestServe() {
  const kept: { [name: string]: unknown } = {}
  const state = { fails: false }
  const releases: (() => void)[] = []
  const test = await createTestDevices()
  const settings: SettingsFile = {
    path: '',
    all: () => ({ serve: kept }),
    get: (name) => kept[name.replace('serve.', '')],
    set(name, value) {
      if (state.fails) throw new Error('the disk is full')
      const key = name.replace('serve.', '')
      if (value === null) delete kept[key]
      else kept[key] = value
    },
  }
  const serve = createServe({
    ...{ settings, devices: test.devices, log: { info() {}, warn() {} } },
    openServer: (names) =>
      createTcpServer({
        ...{ names, recognise: test.devices.recognise, now: () => 0, onLockedOut() {}, onFailure() {} },
        health: () => ({ status: 'ok' }),
        metrics: () => Promise.resolve(''),
        addRoutes(routes) {
          routes.get('/v1/slow', () => new Promise((resolve) => releases.push(() => resolve({ slow: true }))))
        },
      }),
  })
  const { url, token } = await serve.start({ port: 0 })
  const port = Number(new URL(url).port)
  const own = [`host: 127.0.0.1`, `authorization: Bearer ${token}`]
  return {
    ...{ serve, settings: kept, state, releases, port, own },
    statusAt: async (host: string) => (await ask(port, 'GET /health', [`host: ${host}`, ...own.slice(1)])).status,
    beginSlow: () => raw(port, `GET /v1/slow HTTP/1.1\r\n${own.join('\r\n')}\r\n\r\n`),
    [Symbol.asyncDispose]: () => serve.destroy(),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

it('Serve.start() moves to all addresses of the same port, and back', async () => {
  await using test = await createTestServe()
  const opened = await test.serve.start({ host: '0.0.0.0' })
  expect(opened).toMatchObject({ already: false, exposed: true })
  expect(test.settings).toEqual({ port: test.port, host: '0.0.0.0' })
  expect(await test.statusAt('127.0.0.1')).toBe(200)
  expect(await test.serve.start({ host: '127.0.0.1' })).toMatchObject({ already: false, exposed: false })
  expect(test.settings).toEqual({ port: test.port, host: '127.0.0.1' })
  expect(await test.statusAt('127.0.0.1')).toBe(200)
})

it('Serve.start() knows where it is under another name', async () => {
  await using test = await createTestServe()
  expect(await test.serve.start({ host: 'localhost' })).toMatchObject({ already: true })
  expect(test.settings).toEqual({ port: test.port, host: '127.0.0.1' })
})

it('Serve.start() stays where it was when the new place cannot be kept', async () => {
  await using test = await createTestServe()
  test.state.fails = true
  await expect(test.serve.start({ host: '0.0.0.0' })).rejects.toThrow('the disk is full')
  await expect(test.serve.start({ port: 0, host: '127.0.0.2' })).rejects.toThrow('the disk is full')
  expect(test.serve.state()).toEqual({ url: `http://127.0.0.1:${test.port}`, problem: null })
  expect([await test.statusAt('127.0.0.1'), await test.statusAt('127.0.0.2')]).toEqual([200, 421])
})

it('Serve.start() says that another program listens on the port, and stays where it was', async () => {
  await using test = await createTestServe()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(test.port, '127.0.0.2', resolve))
  await expect(test.serve.start({ host: '0.0.0.0' })).rejects.toThrow('another program listens there')
  expect(await test.statusAt('127.0.0.1')).toBe(200)
  await new Promise((resolve) => other.close(resolve))
})

it.each(['stop', 'destroy'] as const)('Serve.%s() ends connections of the place that was left, too', async (how) => {
  await using test = await createTestServe()
  const connection = test.beginSlow()
  await until(() => test.releases.length === 1)
  await test.serve.start({ port: await freePort() })
  await test.serve[how]()
  expect((await connection.answer()).status).toBe(0)
})

it('Serve.start() lets an answer of the place that was left end, and its connection with it', async () => {
  await using test = await createTestServe()
  const connection = test.beginSlow()
  await until(() => test.releases.length === 1)
  await test.serve.start({ port: await freePort() })
  test.releases[0]?.()
  expect(await connection.answer()).toMatchObject({ status: 200, body: '{"slow":true}' })
})
