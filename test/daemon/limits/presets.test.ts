import { expect, it } from 'vitest'
import { LIMIT_PRESETS, limitsFor, UNKNOWN_LIMITS } from '../../../daemon/limits/presets.ts'
import { settingsSchema } from '../../../daemon/settings-schema.ts'

const LANE = { provider: 'openai', key: null, model: 'gpt-5.5' }

it('limitsFor() knows nothing where nobody said anything', () => {
  expect(limitsFor(LANE, {})).toEqual(UNKNOWN_LIMITS)
  expect(limitsFor({ ...LANE, provider: 'constructor' }, {})).toEqual(UNKNOWN_LIMITS)
})

it('limitsFor() takes the narrower name, and changes a preset field by field', () => {
  const settings = {
    openai: { preset: 'openai-3500', concurrent: 7 },
    'openai/gpt-other': { requestsPerMinute: 1 },
  } as const
  expect(limitsFor(LANE, settings)).toEqual({ ...LIMIT_PRESETS['openai-3500'], concurrent: 7 })
  expect(limitsFor({ ...LANE, model: 'gpt-other' }, settings)).toEqual({ ...UNKNOWN_LIMITS, requests: 1 })
})

it('LIMIT_PRESETS are those that the settings may name', () => {
  const { preset } = settingsSchema.properties.limits.additionalProperties.properties
  expect(Object.keys(LIMIT_PRESETS)).toEqual([...preset.enum])
})
