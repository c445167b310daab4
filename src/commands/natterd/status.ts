// natter daemon status: asks the daemon that runs, and never starts one.

import { ourBuild } from '../../client/build.ts'
import { NatterError } from '../../protocol/errors.ts'
import { type Hello, PROTOCOL } from '../../protocol/hello.ts'
import type { ResponseOf } from '../../protocol/schema/operations.ts'
import { formatDuration } from '../../render/plain.ts'
import type { CommandContext } from '../context.ts'
import { count, writeFacts, writeJson } from '../print.ts'
import { findRunning } from '../running-daemon.ts'
import { lockHolder } from './lock-holder.ts'
import { silence } from './silence.ts'

export async function showStatus(context: CommandContext, options: { readonly json?: boolean }): Promise<void> {
  const daemon = await findRunning(context.paths)
  if (daemon === null) {
    if (options.json === true) writeJson(context, { running: false })
    throw absence(await lockHolder(context.paths))
  }
  const status = await daemon.call('status', {}, context.signal)
  if (options.json === true) writeJson(context, { running: true, ...status })
  else writeFacts(context, daemon.hello.protocol === PROTOCOL ? toFacts(status) : strangerFacts(status))
}

function absence(holder: Awaited<ReturnType<typeof lockHolder>>): NatterError {
  if (typeof holder === 'number') return silence(holder)
  return new NatterError('daemon-unreachable', 'natterd is not running', {
    hint: 'Any command that needs it starts it, and so does "natter daemon start"',
  })
}

type Status = ResponseOf<'status'>
type Facts = readonly (readonly [name: string, value: string])[]

/** Only what daemons of every protocol say. */
function strangerFacts({ version, build, pid, activeTurns }: Pick<Status, 'activeTurns' | 'pid' | keyof Hello>): Facts {
  return [
    ['natterd', `${version}, build ${build} (this natter is of build ${ourBuild().build} and speaks another protocol)`],
    ['pid', String(pid)],
    ['answers', `${activeTurns} running; "natter daemon restart" replaces it`],
  ]
}

function toFacts(status: Status): Facts {
  const { version, build, pid, startedAt, activeTurns, subscribers, rssBytes, idleExitMinutes } = status
  const isOurs = build === ourBuild().build
  return [
    ['natterd', `${version}, build ${build}${isOurs ? '' : ` (this natter is of build ${ourBuild().build})`}`],
    [
      'pid',
      `${pid}, for ${formatDuration(Math.max(0, Date.now() - startedAt))}, ${Math.round(rssBytes / 1_000_000)} MB`,
    ],
    ['answers', `${activeTurns} running, ${count(subscribers, 'reader')}`],
    ['leaves', `${idleExitMinutes === 0 ? 'never by itself' : `after ${idleExitMinutes} min without work`}`],
    ['storage', `${status.storage}, ${status.sqlite}`],
    ['keys', `in ${status.keyStorage === 'keychain' ? 'the keychain' : 'a file'}`],
    ['TCP', status.serve.url ?? status.serve.problem ?? 'not listening'],
    ['socket', status.paths.socket],
    ['database', status.paths.database],
    ['settings', status.paths.config],
    ['log', status.paths.log],
  ]
}
