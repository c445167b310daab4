import { expect, it } from 'vitest'
import { type PathContext, resolvePaths } from '../../../src/protocol/paths.ts'

const base: PathContext = { env: {}, platform: 'linux', uid: 1000, home: '/home/ada', temporary: '/tmp' }

it('resolvePaths() follows the XDG directories and their defaults', () => {
  expect(resolvePaths(base)).toEqual({
    config: '/home/ada/.config/natter',
    data: '/home/ada/.local/share/natter',
    state: '/home/ada/.local/state/natter',
    runtime: '/tmp/natter-1000',
    socket: expect.stringMatching(/^\/tmp\/natter-1000\/natterd-[0-9a-f]{8}\.sock$/),
  })
  const env = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative', XDG_RUNTIME_DIR: '/run/user/1000' }
  expect(resolvePaths({ ...base, env })).toMatchObject({
    config: '/c/natter',
    data: '/home/ada/.local/share/natter',
    socket: expect.stringMatching(/^\/run\/user\/1000\/natter\/natterd-[0-9a-f]{8}\.sock$/),
  })
})

it('resolvePaths() gives each home of a user a socket of its own', () => {
  const socket = (home: string) => resolvePaths({ ...base, home, env: { XDG_RUNTIME_DIR: '/run/user/1000' } }).socket
  expect(socket('/home/ada')).not.toBe(socket('/home/ada/profile'))
})

it('resolvePaths() puts everything under NATTER_HOME', () => {
  const paths = resolvePaths({ ...base, env: { NATTER_HOME: '/n', XDG_CONFIG_HOME: '/c', XDG_RUNTIME_DIR: '/run' } })
  expect(new Set(Object.values(paths).map((path) => path.split('/')[1]))).toEqual(new Set(['n']))
})

it('resolvePaths() keeps the socket path short enough for every system, and different for different homes', () => {
  const long = (letter: string) => resolvePaths({ ...base, env: { NATTER_HOME: `/${letter.repeat(200)}` } }).socket
  expect(long('a').length).toBeLessThan(104)
  expect(long('a')).not.toBe(long('b'))
  expect(resolvePaths({ ...base, env: { NATTER_HOME: `/${'ä'.repeat(60)}` } }).socket).toMatch(/^\/tmp\/natter-1000\//)
})
