// The command line; the one place where an error becomes stderr and an exit code.

import { Command, CommanderError } from 'commander'
import { createClient } from './client/api.ts'
import { ourBuild } from './client/build.ts'
import { currentPaths } from './client/environment.ts'
import { ask } from './commands/ask.ts'
import { type AskOptions, addAskOptions } from './commands/ask-options.ts'
import type { CommandContext } from './commands/context.ts'
import { EXIT_INTERRUPTED, watchForLeaving } from './commands/leaving.ts'
import { refuseMisplacedCommand } from './commands/misplaced-command.ts'
import { refuseNearCommand } from './commands/near-command.ts'
import { COMMANDS } from './commands/table.ts'
import { ERROR_TRAITS, NatterError, toErrorInfo } from './protocol/errors.ts'
import { sanitizeLine } from './render/sanitize.ts'

const EXIT_USAGE = ERROR_TRAITS.usage.exitCode
const HELP: ReadonlySet<string> = new Set(['--help', '-h', 'help'])

const leaving = watchForLeaving(process)
const args = toArguments(process.argv.slice(2))
const program = new Command('natter')
// There is nobody left to tell.
process.stderr.on('error', () => {})

try {
  await run()
} catch (error) {
  process.exitCode = report(error)
}
// A turn that was stopped ends the command as Ctrl-C does; here it may have been another signal.
if (leaving.signal.aborted && process.exitCode === EXIT_INTERRUPTED) process.exitCode = leaving.exitCode()

/** `natter help history export` asks what `natter history export --help` does. */
function toArguments(args: readonly string[]): readonly string[] {
  return args[0] === 'help' ? [...args.slice(1), '--help'] : args
}

async function run(): Promise<void> {
  if (args.length === 0 || args.some((word) => HELP.has(word))) {
    const { formatHelp } = await import('./commands/help-format.ts')
    formatHelp(program, process.stdout)
  }
  const context = createContext()
  program
    .description('Chat with large language models, in a terminal and in pipes')
    .version(ourBuild().version, '-V, --version', 'print the version')
    .argument('[prompt...]', 'the prompt; a first "-" reads standard input before it')
    .allowExcessArguments(false)
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
  addAskOptions(program)
  program.action(async (words: string[], options: AskOptions) => {
    const isTyped = process.stdin.isTTY === true && process.stdout.isTTY === true
    const isMarked = options.prompt !== undefined || args.includes('--')
    if (!isMarked) await refuseMisplacedCommand({ args, words, program }, COMMANDS, context)
    if (isTyped && !isMarked) await refuseNearCommand(words, COMMANDS, context)
    return ask(context, words, options)
  })
  await addCommands(context)
  refuseUnknownHelp()
  await program.parseAsync(args, { from: 'user' })
}

/** Of all commands only the one that is called is loaded; the others are names in the help. */
async function addCommands(context: CommandContext): Promise<void> {
  const [called] = args
  const entry = called !== undefined && Object.hasOwn(COMMANDS, called) ? COMMANDS[called] : undefined
  const wantsHelp = args.length === 0 || called === undefined || args.includes('--help') || args.includes('-h')
  if (called !== undefined && entry !== undefined) {
    const command = program.command(called).description(entry.summary)
    const { define } = await entry.load()
    define(command, context)
  } else if (wantsHelp) {
    for (const [name, { summary }] of Object.entries(COMMANDS)) program.command(name).description(summary)
  } else {
    program.helpCommand(false)
  }
}

function refuseUnknownHelp(): void {
  const words = args.filter((word) => !word.startsWith('-') && word !== 'help')
  if (process.argv[2] !== 'help' || calledPath().length === words.length) return
  throw new NatterError('usage', `There is no command "natter ${words.join(' ')}"`, {
    hint: 'Run "natter help" to see all',
  })
}

function createContext(): CommandContext {
  const paths = currentPaths()
  const quiet = args.includes('-q') || args.includes('--quiet')
  const note = (text: string) => {
    if (!quiet) process.stderr.write(`natter: ${sanitizeLine(text)}\n`)
  }
  return {
    client: createClient(paths, process.env, note),
    paths,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    note,
    signal: leaving.signal,
    whenUnread: leaving.whenUnread,
  }
}

/** Answers the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error)
  if (!(error instanceof NatterError) && leaving.signal.aborted) return EXIT_INTERRUPTED
  const { code, message, hint } = toErrorInfo(error)
  process.stderr.write(`natter: ${sanitizeLine(message)}\n`)
  // What does not fit the contract was typed here, and the document of the contract is for programs.
  const isTyped = hint?.includes('/api/openapi.json') === true
  const advice = isTyped ? seeHelp() : hint
  if (advice !== null) process.stderr.write(`  ${sanitizeLine(advice)}\n`)
  return isTyped ? EXIT_USAGE : ERROR_TRAITS[code].exitCode
}

function reportUsage(error: CommanderError): number {
  // Help and version were asked for and are printed.
  if (error.exitCode === 0) return 0
  process.stderr.write(`natter: ${sanitizeLine(error.message.replace(/^error: /, ''))}\n  ${usageHint(error)}\n`)
  return EXIT_USAGE
}

function usageHint({ code }: CommanderError): string {
  if (code !== 'commander.unknownOption' || calledPath().length > 0) return seeHelp()
  // An option is no sentence.
  const prompt = args.find((word) => /^-.*\s/s.test(word))
  return prompt === undefined
    ? seeHelp()
    : `If it is a prompt, use natter -p "${sanitizeLine(prompt)}"; else see "natter --help"`
}

function seeHelp(): string {
  return `See "${[program.name(), ...calledPath(), '--help'].join(' ')}"`
}

/** The command that was called, and which of its own. */
function calledPath(): readonly string[] {
  const path: string[] = []
  let command: Command | undefined = program
  for (const word of args) {
    command = command.commands.find((one) => one.name() === word)
    if (command === undefined) return path
    path.push(word)
  }
  return path
}
