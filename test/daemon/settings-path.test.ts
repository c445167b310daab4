import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toSettingPath } from '../../daemon/settings-path.ts'
import { settingsSchema } from '../../daemon/settings-schema.ts'

const pathOf = (name: string, value?: unknown) => toSettingPath(name, settingsSchema, value)

it.each([
  ['model', 'model'],
  ['daemon.idleExitMinutes', 'daemon.idleExitMinutes'],
  ['models.openai/gpt-5.5.inputPrice', 'models.openai/gpt-5\\.5.inputPrice'],
  ['models.openai/gpt-5\\.5.inputPrice', 'models.openai/gpt-5\\.5.inputPrice'],
  ['models.openai/gpt-5.5', 'models.openai/gpt-5\\.5'],
  ['models.ollama/qwen2.5:0.5b.contextTokens', 'models.ollama/qwen2\\.5:0\\.5b.contextTokens'],
  ['aliases.gpt-5.5', 'aliases.gpt-5\\.5'],
  ['aliases.a.b.c', 'aliases.a\\.b\\.c'],
  ['aliases.a\\\\b', 'aliases.a\\\\b'],
  ['providers.box.lan.baseUrl', 'providers.box\\.lan.baseUrl'],
  ['providers.box.lan.timers.connectMs', 'providers.box\\.lan.timers.connectMs'],
  ['providers.box.headers.x.team', 'providers.box.headers.x\\.team'],
  ['providers.box.headers.key', 'providers.box.headers.key'],
  ['providers.box.lan.headers.key', 'providers.box\\.lan.headers.key'],
  ['providers.timers.timers.connectMs', 'providers.timers.timers.connectMs'],
  ['nonsense.a.b', 'nonsense.a.b'],
  ['timers.no.such', 'timers.no.such'],
  ['models.', 'models.'],
  ['', ''],
])('toSettingPath() takes %j for %j', (name, path) => {
  expect(pathOf(name)).toBe(path)
})

it('toSettingPath() takes a name that leads nowhere for a whole entry or for a field, as its value tells', () => {
  expect(pathOf('models.openai/gpt-5.5', {})).toBe('models.openai/gpt-5\\.5')
  expect(pathOf('models.openai/gpt-5.5.inputPrise', 3)).toBe('models.openai/gpt-5\\.5.inputPrise')
  expect(pathOf('models.x', 3)).toBe('models.x')
})

it('toSettingPath() leads back to the same setting, whatever the names are', () => {
  const key = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(key, fc.constantFrom('inputPrice', 'contextTokens'), (model, field) => {
      const escaped = model.replaceAll(/[\\.[]/g, '\\$&')
      expect(pathOf(`models.${escaped}.${field}`)).toBe(`models.${escaped}.${field}`)
    }),
  )
})
