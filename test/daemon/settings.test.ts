import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSettings, type SettingsFile } from '../../daemon/settings.ts'
import { until } from '../helpers/until.ts'

function temporarySettings(): Disposable & { readonly settings: SettingsFile } {
  const directory = mkdtempSync(join(tmpdir(), 'natter-settings-'))
  return { settings: openSettings(directory), [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}

it('set() writes what fits, by dotted name, into a private file', () => {
  using opened = temporarySettings()
  const { settings } = opened
  settings.set('daemon.idleExitMinutes', 5)
  settings.set('providers.mine', { baseUrl: 'http://127.0.0.1:1/v1' })
  expect(JSON.parse(readFileSync(settings.path, 'utf8'))).toEqual({
    daemon: { idleExitMinutes: 5 },
    providers: { mine: { baseUrl: 'http://127.0.0.1:1/v1' } },
  })
  expect(statSync(settings.path).mode & 0o777).toBe(0o600)
  expect(settings.get('daemon.idleExitMinutes')).toBe(5)
  settings.set('daemon.idleExitMinutes', null)
  expect(settings.get('daemon.idleExitMinutes')).toBeUndefined()
})

it('set() and get() know a name with dots, also where nothing escapes them', () => {
  using opened = temporarySettings()
  const { settings } = opened
  settings.set('models.openai/gpt-5.5.inputPrice', 3)
  settings.set('models.openai/gpt-5\\.5.outputPrice', 4)
  settings.set('aliases.gpt-5.5', 'openai/gpt-5.5')
  expect(settings.all()).toEqual({
    models: { 'openai/gpt-5.5': { inputPrice: 3, outputPrice: 4 } },
    aliases: { 'gpt-5.5': 'openai/gpt-5.5' },
  })
  expect(settings.get('models.openai/gpt-5.5.inputPrice')).toBe(3)
  expect(settings.get('models.openai/gpt-5.5')).toEqual({ inputPrice: 3, outputPrice: 4 })
  expect(settings.get('aliases.gpt-5.5')).toBe('openai/gpt-5.5')
  settings.set('models.openai/gpt-5.5.inputPrice', null)
  settings.set('aliases.gpt-5.5', null)
  expect(settings.all()).toEqual({ models: { 'openai/gpt-5.5': { outputPrice: 4 } }, aliases: {} })
})

it.each([
  ['models.openai/gpt-5.5.inputPrise', 3, 'there is no setting "models.openai/gpt-5.5.inputPrise"'],
  ['nonsense', 1, 'there is no setting "nonsense"'],
  ['daemon.idleExitMinutes', 'soon', '"daemon.idleExitMinutes" must be integer'],
  ['providers.mine.key', 'sk-a-literal-key', 'must be "env:NAME"'],
  ['providers.mine.baseUrl', 'ftp://x', 'must begin with "http://" or "https://"'],
  ['daemon.logLevel', 'loud', 'must be one of "debug", "info", "warn", "error"'],
  ['models', { 'openai/x': { contextTokens: 0 } }, '"models.openai/x.contextTokens" must be >= 1'],
  ['model', '', 'fewer than 1'],
])('set(%j, %j) says why not, and keeps what was there', (name, value, reason) => {
  using opened = temporarySettings()
  const written = '{ "model":"demo/natter" }'
  writeFileSync(opened.settings.path, written)
  const { ino, mtimeMs } = statSync(opened.settings.path)
  expect(() => opened.settings.set(name, value)).toThrow(reason)
  expect(readFileSync(opened.settings.path, 'utf8')).toBe(written)
  expect(statSync(opened.settings.path)).toMatchObject({ ino, mtimeMs })
  expect(opened.settings.all()).toEqual({ model: 'demo/natter' })
})

it('set() writes no file for what it refuses', () => {
  using opened = temporarySettings()
  expect(() => opened.settings.set('nonsense', 1)).toThrow('there is no setting "nonsense"')
  expect(existsSync(opened.settings.path)).toBe(false)
})

// Nobody can make a file there, not even root.
it.runIf(process.platform === 'linux')('set() says where it cannot write', () => {
  expect(() => openSettings('/proc').set('model', 'demo/x')).toThrow('Cannot write settings "/proc/config.json"')
})

it('all() sees what was written by hand, and says where it is broken', async () => {
  using opened = temporarySettings()
  const { settings } = opened
  expect(settings.all()).toEqual({})
  writeFileSync(settings.path, '{"model": "demo/x"}')
  await until(() => settings.all().model === 'demo/x')
  writeFileSync(settings.path, '{"model": ')
  await until(() => failureOf(settings).includes('not valid JSON'))
  expect(failureOf(settings)).toContain(settings.path)
})

it.each(['[]', '"text"', 'null', '7', '', '{"__internal__": {}}'])(
  'all() refuses a file that is %j, and set() keeps it',
  (text) => {
    using opened = temporarySettings()
    const { settings } = opened
    writeFileSync(settings.path, text)
    expect(failureOf(settings)).toContain(`Cannot read settings "${settings.path}"`)
    expect(() => settings.set('model', 'demo/x')).toThrow(settings.path)
    expect(readFileSync(settings.path, 'utf8')).toBe(text)
  },
)

it.runIf(process.platform !== 'win32').each([
  ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'it is not a regular file'],
  ['a device', (path: string) => symlinkSync('/dev/zero', path), 'it is not a regular file'],
  ['a directory', (path: string) => mkdirSync(path), 'it is not a regular file'],
  ['too long', (path: string) => writeFileSync(path, ' '.repeat(1_048_577)), 'it has 1048577 bytes, at most 1048576'],
])('all() and set() refuse a file that is %s, and wait for nothing', (_, make, reason) => {
  using opened = temporarySettings()
  const { settings } = opened
  make(settings.path)
  expect(failureOf(settings)).toContain(`Cannot read settings "${settings.path}": ${reason}`)
  expect(() => settings.set('model', 'demo/x')).toThrow(reason)
})

it('set() writes over nothing that was broken a moment ago', () => {
  using opened = temporarySettings()
  const { settings } = opened
  settings.set('model', 'demo/x')
  expect(settings.all().model).toBe('demo/x')
  writeFileSync(settings.path, '[]')
  expect(() => settings.set('model', 'demo/y')).toThrow('it must hold one object')
  expect(readFileSync(settings.path, 'utf8')).toBe('[]')
})

it('all() tells nothing of what a broken file holds', () => {
  using opened = temporarySettings()
  writeFileSync(opened.settings.path, '{"providers": {"x": {"headers": {"auth": "secret" oops')
  expect(failureOf(opened.settings)).not.toContain('secret')
})

function failureOf(settings: SettingsFile): string {
  try {
    settings.all()
    return ''
  } catch (error) {
    return String(error)
  }
}
