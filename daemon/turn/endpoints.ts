// From a provider's name to where it is called and with what: preset, settings, keys, and the caller's environment.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { own } from '../own.ts'
import { fromOllamaHost } from '../providers/discovery.ts'
import { hostOf } from '../providers/openai/host.ts'
import { defaultTimers, type Preset } from '../providers/presets.ts'
import type { Endpoint, StreamTimers } from '../providers/provider.ts'
import { proxyFor } from '../providers/proxy.ts'
import type { ProviderSettings, Settings } from '../settings-schema.ts'
import type { Rooms } from './rooms.ts'

type EndpointRooms = Pick<Rooms, 'hideKey' | 'keys' | 'providers' | 'settings'>

/** Names that `provider/model` may begin with. */
export function providerNames({ providers, settings }: Pick<Rooms, 'providers' | 'settings'>): readonly string[] {
  return [...new Set([...Object.keys(providers.presets), ...Object.keys(settings().providers ?? {})])]
}

/** Throws `key-missing` where the provider needs a key and there is none. */
export async function toEndpoint(
  rooms: EndpointRooms,
  provider: string,
  environment: ProviderEnvironment,
): Promise<Endpoint> {
  const settings = rooms.settings()
  const preset = own(rooms.providers.presets, provider) ?? null
  const given = own(settings.providers, provider) ?? {}
  const format = given.format ?? preset?.format ?? 'openai-chat'
  const local = isLocal(rooms, provider)
  const keyFromShell = preset === null ? null : firstSet(environment, preset.keyVariables)
  const apiKey = keyFromShell ?? (await storedKey(rooms, provider, format))
  const keyless = apiKey === null && !local && isElsewhere(provider, preset, environment)
  if (apiKey === null && !local && !keyless) throw keyMissing(provider, preset)
  if (apiKey !== null) rooms.hideKey(apiKey)
  const baseUrl = chooseBaseUrl({
    provider,
    preset,
    given,
    environment,
    mayUseShell: keyFromShell !== null || apiKey === null,
  })
  return {
    provider,
    format,
    baseUrl,
    apiKey,
    // Settings may hold a key in a header, which is as little for an address of the shell as a stored key is.
    headers: keyless ? {} : (given.headers ?? {}),
    local: local || keyless,
    proxy: proxyFor(baseUrl, environment),
    timers: toTimers(
      keyless ? defaultTimers(true) : (preset?.timers ?? defaultTimers(local)),
      settings.timers,
      given.timers,
    ),
  }
}

/** What to say of a base URL of the shell that the endpoint is not called at; null where there is none. */
export function unusedBaseUrl(
  { presets }: Rooms['providers'],
  { provider, apiKey, baseUrl }: Pick<Endpoint, 'provider' | 'apiKey' | 'baseUrl'>,
  environment: ProviderEnvironment,
): string | null {
  const preset = own(presets, provider)
  const asked = preset === undefined ? null : baseUrlOfShell(provider, preset, environment)
  if (preset === undefined || asked === null || apiKey === null || asked === baseUrl) return null
  if (firstSet(environment, preset.keyVariables) !== null) return null
  const [variable] = preset.keyVariables
  const ways = [...(variable === undefined ? [] : [`${variable} too`]), `providers.${provider}.baseUrl`]
  return `${preset.baseUrlVariable} is not used: the key for "${provider}" is stored, and a stored key is sent nowhere a variable says; set ${ways.join(', or ')}`
}

/** Whether it is a server that needs no key, as one of the user's own is until the settings say otherwise. */
export function isLocal({ providers, settings }: Pick<Rooms, 'providers' | 'settings'>, provider: string): boolean {
  return own(settings().providers, provider)?.local ?? own(providers.presets, provider)?.local ?? true
}

/** Whether a turn could use the provider now. */
export async function isAvailable(
  rooms: EndpointRooms,
  provider: string,
  environment: ProviderEnvironment,
): Promise<boolean> {
  if (isLocal(rooms, provider)) return true
  const preset = own(rooms.providers.presets, provider) ?? null
  if (preset !== null && firstSet(environment, preset.keyVariables) !== null) return true
  return isElsewhere(provider, preset, environment) || (await rooms.keys.get(provider)) !== null
}

/**
 * Providers of which the shell names no key but a base URL that is not their own, and of which no key is stored: under
 * a vendor's name there is some other server, with models of its own.
 */
export async function keylessServers(
  rooms: EndpointRooms,
  environment: ProviderEnvironment,
): Promise<readonly string[]> {
  const names: string[] = []
  for (const [provider, preset] of Object.entries(rooms.providers.presets)) {
    if (isLocal(rooms, provider) || !isElsewhere(provider, preset, environment)) continue
    if (firstSet(environment, preset.keyVariables) === null && (await rooms.keys.get(provider)) === null) {
      names.push(provider)
    }
  }
  return names
}

/** Whether a base URL of the shell leads to another host than the vendor's own, which answers nobody without a key. */
function isElsewhere(provider: string, preset: Preset | null, environment: ProviderEnvironment): boolean {
  const asked = preset === null ? null : baseUrlOfShell(provider, preset, environment)
  return preset !== null && asked !== null && hostOf({ baseUrl: asked }) !== hostOf(preset)
}

async function storedKey(rooms: EndpointRooms, provider: string, format: Endpoint['format']): Promise<string | null> {
  if (format === 'demo') return null
  return (await rooms.keys.get(provider))?.key ?? null
}

interface BaseUrlChoice {
  readonly provider: string
  readonly preset: Preset | null
  readonly given: ProviderSettings
  readonly environment: ProviderEnvironment
  /** A base URL of the shell goes with a key of the shell or none: a stored key is never sent where a variable says. */
  readonly mayUseShell: boolean
}

function chooseBaseUrl({ provider, preset, given, environment, mayUseShell }: BaseUrlChoice): string {
  const fromShell = preset === null ? null : baseUrlOfShell(provider, preset, environment)
  if (fromShell !== null && mayUseShell) return fromShell
  const url = given.baseUrl ?? preset?.baseUrl
  if (url !== undefined) return url
  throw new NatterError('invalid-request', `Cannot call provider "${provider}": its settings lack a base URL`, {
    hint: `Run "natter config set providers.${provider}.baseUrl http://…/v1"`,
  })
}

function baseUrlOfShell(provider: string, preset: Preset, environment: ProviderEnvironment): string | null {
  const fromShell = preset.baseUrlVariable === null ? null : firstSet(environment, [preset.baseUrlVariable])
  return provider === 'ollama' && fromShell !== null ? fromOllamaHost(fromShell) : fromShell
}

function firstSet(environment: ProviderEnvironment, names: readonly string[]): string | null {
  const values: { readonly [name: string]: string | undefined } = environment
  for (const name of names) {
    const value = values[name]
    if (value !== undefined && value !== '') return value
  }
  return null
}

function keyMissing(provider: string, preset: Preset | null): NatterError {
  const variable = preset?.keyVariables[0]
  return new NatterError('key-missing', `Cannot call ${preset?.title ?? provider}: there is no key for "${provider}"`, {
    hint: `Run "natter keys set ${provider}"${variable === undefined ? '' : ` or set ${variable}`}`,
  })
}

function toTimers(base: StreamTimers, ...changes: readonly Settings['timers'][]): StreamTimers {
  let timers = base
  for (const change of changes) {
    timers = {
      connect: change?.connectMs ?? timers.connect,
      firstByte: change?.firstByteMs ?? timers.firstByte,
      progress: change?.progressMs ?? timers.progress,
      total: change?.totalMs ?? timers.total,
    }
  }
  return timers
}
