import { expect, it } from 'vitest'
import { VENDORS } from '../../../daemon/models/vendors.ts'
import { PRESETS, type Preset } from '../../../daemon/providers/presets.ts'
import { CLOUD_PROVIDERS, LOCAL_SERVERS } from '../../../src/commands/known-providers.ts'

const presets: readonly (readonly [string, Preset])[] = Object.entries(PRESETS).filter(([name]) => name !== 'demo')

function namesOf(local: boolean): readonly string[] {
  return presets.filter(([, preset]) => preset.local === local).map(([name]) => name)
}

it('CLOUD_PROVIDERS are those that natterd knows and whose models it catalogues', () => {
  expect(CLOUD_PROVIDERS).toEqual(namesOf(false))
  expect(CLOUD_PROVIDERS).toEqual(Object.keys(VENDORS))
})

it('LOCAL_SERVERS are those that natterd knows', () => {
  expect(LOCAL_SERVERS).toEqual(namesOf(true))
})
