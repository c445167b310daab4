// What the doctor learns from natterd, and why there is no natterd where there is none.

import { ourBuild } from '../../client/build.ts'
import { providerEnvironment } from '../../client/environment.ts'
import { readDaemonFile } from '../../client/launcher.ts'
import { toErrorInfo } from '../../protocol/errors.ts'
import type { Model } from '../../protocol/schema/entities.ts'
import type { ResponseOf } from '../../protocol/schema/operations.ts'
import { formatDuration } from '../../render/plain.ts'
import type { CommandContext } from '../context.ts'
import { CLOUD_PROVIDERS, LOCAL_SERVERS } from '../known-providers.ts'
import { lockHolder } from '../natterd/lock-holder.ts'
import { startFailure } from '../natterd/start-failure.ts'
import { count } from '../print.ts'
import { findRunning } from '../running-daemon.ts'
import { type Check, fail, ok, warn } from './check.ts'

type Status = ResponseOf<'status'>

/** Of 3.51.3 is the cure of a rare corruption of WAL databases: https://sqlite.org/wal.html#walresetbug */
const SQLITE_MIN = [3, 51, 3] as const

export async function* checkDaemon(context: CommandContext): AsyncGenerator<Check> {
  if (await isStuck(context)) {
    yield fail('daemon', 'a natterd runs and does not answer')
    yield await checkLock(context, null)
    return
  }
  const status = await attempt('daemon', context, () => context.client.call('status', {}, context.signal))
  if ('check' in status) {
    yield status.check
    // One that speaks another protocol and is busy answers, and holds the lock by right.
    if ((await findRunning(context.paths)) === null) yield await checkLock(context, null)
    return
  }
  const { value } = status
  yield checkBuild(value)
  yield await checkLock(context, value)
  yield checkSqlite(value.sqlite)
  yield checkStorage(value.storage)
  yield await checkStore(context)
  yield await checkSchema(context)
  yield await checkKeys(context)
  yield* await checkModels(context)
}

/** Calling it would wait without end. */
async function isStuck({ paths }: CommandContext): Promise<boolean> {
  return (await findRunning(paths)) === null && typeof (await lockHolder(paths)) === 'number'
}

type Attempt<Value> = { readonly value: Value } | { readonly check: Check }

async function attempt<Value>(
  name: string,
  { paths, signal }: CommandContext,
  action: () => Promise<Value>,
): Promise<Attempt<Value>> {
  try {
    return { value: await action() }
  } catch (error) {
    signal.throwIfAborted()
    const { code, message, hint } = toErrorInfo(error)
    const said = code === 'daemon-unreachable' ? startFailure(paths) : null
    const detail = said === null || message.includes(said) ? message : `${message}. It said: ${said}`
    // The usual hint is to ask the doctor.
    return {
      check: fail(name, detail, hint?.includes('natter doctor') === true ? `See "${paths.state}/natterd.out"` : hint),
    }
  }
}

function checkBuild({ version, build, pid, startedAt, activeTurns }: Status): Check {
  const age = formatDuration(Math.max(0, Date.now() - startedAt))
  const detail = `natterd ${version}, build ${build}, pid ${pid}, for ${age}, ${count(activeTurns, 'answer')} running`
  if (build === ourBuild().build) return ok('daemon', detail)
  return warn('daemon', `${detail}; this natter is of another build`, 'Run "natter daemon restart"')
}

async function checkLock({ paths }: CommandContext, status: Status | null): Promise<Check> {
  const holder = await lockHolder(paths)
  const said = readDaemonFile(paths)?.pid ?? null
  if (holder === 'unknown')
    return ok('lock', said === null ? 'nobody seems to hold it' : `pid ${said} says it holds it`)
  if (holder === null) {
    if (status === null) return ok('lock', 'nobody holds it')
    return fail('lock', `pid ${status.pid} answers but does not hold it`, 'Run "natter daemon restart"')
  }
  if (status === null) {
    return fail(
      'lock',
      `pid ${holder} holds it and does not answer`,
      `Run "kill ${holder}", or "kill -9 ${holder}" if it stays`,
    )
  }
  if (holder === status.pid) return ok('lock', `held by pid ${holder}`)
  return fail('lock', `pid ${holder} holds it, pid ${status.pid} answers`, `Run "kill ${status.pid}"`)
}

function checkSqlite(engine: string): Check {
  const version = /\d+(?:\.\d+)*/.exec(engine)?.[0] ?? engine
  const parts = version.split('.').map(Number)
  const first = SQLITE_MIN.findIndex((wanted, index) => (parts[index] ?? 0) !== wanted)
  const isEnough = first === -1 || (parts[first] ?? 0) > (SQLITE_MIN[first] ?? 0)
  if (isEnough) return ok('sqlite', version)
  return fail(
    'sqlite',
    `${version}; ${SQLITE_MIN.join('.')} or newer is needed`,
    'Install natter again: it brings its own',
  )
}

function checkStorage(storage: Status['storage']): Check {
  switch (storage) {
    case 'ok':
      return ok('storage', 'writes succeed')
    case 'full':
      return fail('storage', 'the disk is full: nothing can be kept', 'Free some space')
    case 'suspect':
      return fail('storage', 'the database looks damaged', 'Back it up with "natter history backup FILE", then restore')
  }
}

async function checkStore(context: CommandContext): Promise<Check> {
  const result = await attempt('database', context, () => context.client.call('store.check', {}, context.signal))
  if ('check' in result) return result.check
  const { ok: isWhole, problems, messages } = result.value
  if (isWhole) return ok('database', `integrity ok, ${count(messages, 'message')}`)
  const more = problems.length > 1 ? ` and ${problems.length - 1} more` : ''
  return fail(
    'database',
    `${problems[0] ?? 'integrity check failed'}${more}`,
    'Restore a backup, or export what can be read',
  )
}

async function checkSchema(context: CommandContext): Promise<Check> {
  const result = await attempt('settings', context, () => context.client.call('config.get', {}, context.signal))
  return 'check' in result ? result.check : ok('settings', 'natterd understands them')
}

async function checkKeys(context: CommandContext): Promise<Check> {
  const request = { environment: providerEnvironment(context.env) }
  const result = await attempt('keys', context, () => context.client.call('keys.list', request, context.signal))
  if ('check' in result) return result.check
  const { storage, keys } = result.value
  const where = storage === 'keychain' ? 'kept in the keychain' : 'kept in a file'
  if (keys.length === 0) {
    return warn('keys', `none; they would be ${where}`, 'Run "natter keys set openai", or use a model on this machine')
  }
  return ok('keys', `${where}; ${keys.map(({ provider, source }) => `${provider} (${source})`).join(', ')}`)
}

async function checkModels(context: CommandContext): Promise<readonly Check[]> {
  const request = { environment: providerEnvironment(context.env) }
  const result = await attempt('models', context, () => context.client.call('models.list', request, context.signal))
  if ('check' in result) return [result.check]
  const { models, notices, pricesDate } = result.value
  const served = models.filter((model) => isServed(model, notices))
  const servers = [...new Set(served.map(({ provider }) => provider))]
  return [
    checkDefault(models.find((model) => model.isDefault) ?? null, served, pricesDate),
    ok(
      'servers',
      servers.length === 0 ? 'none found on this machine or in the settings' : `found: ${servers.join(', ')}`,
    ),
    ...notices.map((notice) => warn('models', notice)),
  ]
}

/** Whether a server of the user's own says that it has it; the default is listed even where nobody answers. */
function isServed({ model, provider, available, isDefault }: Model, notices: readonly string[]): boolean {
  if (!available || provider === 'demo' || CLOUD_PROVIDERS.includes(provider)) return false
  return !isDefault || !notices.some((notice) => notice.includes(`"${provider}"`) || notice.includes(model))
}

function checkDefault(standard: Model | null, served: readonly Model[], pricesDate: string): Check {
  if (standard === null) {
    return fail('model', 'the one in the settings cannot be asked', 'Run "natter config set model NAME"')
  }
  const { model, provider, available } = standard
  if (provider === 'demo') {
    const advice =
      served[0] === undefined
        ? 'Run "natter keys set openai", or start a local server such as Ollama'
        : `Run "natter config set model ${served[0].model}", or "natter models" to see all`
    return warn('model', `${model}: no AI is behind it`, advice)
  }
  if (available) return ok('model', `${model} is asked when none is named; prices of ${pricesDate}`)
  return LOCAL_SERVERS.includes(provider)
    ? warn('model', `${model} is asked when none is named, but no server of "${provider}" was found`, 'Start it')
    : warn(
        'model',
        `${model} is asked when none is named, but there is no key for it`,
        `Run "natter keys set ${provider}"`,
      )
}
