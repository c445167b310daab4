// Keys pressed while an answer is drawn: the terminal shows none of them, and keeps them for the shell.

import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/**
 * From the background, changing the terminal would stop the whole job. Fields 5 and 8 of `/proc/<pid>/stat` are the group
 * of the process and the one in the foreground (proc_pid_stat(5)); systems without it have a `ps` that says both.
 */
const IN_FOREGROUND = `if [ -r /proc/$$/stat ]; then read -r _ _ _ _ group _ _ front _ </proc/$$/stat
else group=$(ps -o pgid= -p $$) front=$(ps -o tpgid= -p $$); fi
[ $group = $front ]`
/** Where somebody else has turned it off, it is theirs to turn on. */
const SILENCE = 'case "$(stty -a)" in *-echo[!a-z]*|*-echo) false;; *) stty -echo;; esac'
const RESTORE = 'stty echo'
const LIMIT_MS = 1_000
/** Drawn upon, so there; standard input may be something else. */
const STDOUT = 1

export interface Suspension {
  /** Called before Ctrl-Z stops the process. */
  readonly onSuspend: () => void
  /** Called when it goes on, whatever stopped it. */
  readonly onResume: () => void
}

/**
 * Turns the echo of the terminal off until the process ends, and on again while it is suspended. Raw mode would do so too, but would take Ctrl-C and Ctrl-Z away and need a reader, who would keep
 * from the shell what was typed for it. Killed outright, it leaves the rest to the shell, as every program does.
 */
export function silenceKeys({ onSuspend, onResume }: Suspension): void {
  if (process.stdout.isTTY !== true || process.platform === 'win32') return
  let isSilent = onTerminal(SILENCE)
  process.on('exit', () => {
    restore()
    keepFromNode()
  })
  for (const signal of ['SIGHUP', 'SIGQUIT'] as const) {
    process.once(signal, () => {
      restore()
      raise(signal)
    })
  }
  process.on('SIGTSTP', suspend)
  process.on('SIGCONT', () => {
    if (process.listenerCount('SIGTSTP') === 0) process.on('SIGTSTP', suspend)
    isSilent = onTerminal(SILENCE)
    onResume()
  })

  function restore(): void {
    if (isSilent) onTerminal(RESTORE)
    isSilent = false
  }
  function suspend(): void {
    onSuspend()
    restore()
    process.off('SIGTSTP', suspend)
    raise('SIGTSTP')
  }
}

/** Without a listener of ours, the signal does what it does by itself. */
function raise(signal: NodeJS.Signals): void {
  process.kill(process.pid, signal)
}

/**
 * At its end Node sets each open terminal back to how it was when it started: silent, where another natter was answering
 * then, which may be gone by now. One descriptor stays, since a terminal that nobody has open hangs up.
 */
function keepFromNode(): void {
  const { isatty } = process.getBuiltinModule('node:tty')
  try {
    openSync('/dev/tty', 'r')
  } catch {
    // It controls nobody here, so there are no others either.
    return
  }
  for (const descriptor of [0, 1, 2]) if (isatty(descriptor)) closeSync(descriptor)
}

/** Whether the command was run and succeeded: not where there is no such program, and not in the background. */
function onTerminal(command: string): boolean {
  const { status } = spawnSync('sh', ['-c', `${IN_FOREGROUND} && ${command}`], {
    stdio: [STDOUT, 'ignore', 'ignore'],
    timeout: LIMIT_MS,
  })
  return status === 0
}
