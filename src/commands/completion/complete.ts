// What may stand at the cursor, read off the same definitions that parse the command line.

import { type Argument, Command, type Option } from 'commander'
import { sanitizeLine } from '../../render/sanitize.ts'
import type { CommandTable } from '../command-module.ts'
import type { CommandContext } from '../context.ts'
import { type Candidate, candidatesFor, FILES } from './candidates.ts'

export interface Completing {
  readonly context: CommandContext
  /** With the options of a prompt. */
  readonly program: Command
  readonly commands: CommandTable
}

/** Lines of `value TAB description`; `:files` alone asks for the names of files. The last word is the one at the cursor. */
export async function complete(completing: Completing, words: readonly string[]): Promise<readonly string[]> {
  const current = words.at(-1) ?? ''
  let place: Place = { command: completing.program, operands: 0, pending: null, onlyOperands: false }
  for (const word of words.slice(0, -1)) place = await step(completing, place, word)
  const { prefix, candidates } = await offer(completing, place, current)
  if (candidates === FILES) return [':files']
  return candidates
    .filter(({ value }) => (prefix + value).startsWith(current))
    .map(({ value, description }) => `${prefix}${sanitizeLine(value)}\t${sanitizeLine(description)}`.trimEnd())
}

interface Place {
  readonly command: Command
  /** Words of the command that were neither options nor their values. */
  readonly operands: number
  /** The option whose value stands at the cursor. */
  readonly pending: Option | null
  /** After `--` nothing is an option. */
  readonly onlyOperands: boolean
}

async function step(completing: Completing, place: Place, word: string): Promise<Place> {
  if (place.pending !== null) return { ...place, pending: null }
  if (!place.onlyOperands && word === '--') return { ...place, onlyOperands: true }
  if (!place.onlyOperands && word.startsWith('-') && word !== '-') {
    const option = place.command.options.find((one) => isNamed(one, word))
    return { ...place, pending: option?.required === true ? option : null }
  }
  const isCommand = place.operands === 0 && !place.onlyOperands
  const inner = isCommand ? await findCommand(completing, place.command, word) : null
  if (inner !== null) return { ...place, command: inner, operands: 0 }
  return { ...place, operands: place.operands + 1 }
}

/** A command of the program is loaded when it is asked about. */
async function findCommand(completing: Completing, parent: Command, name: string): Promise<Command | null> {
  const { context, program, commands } = completing
  if (parent !== program) return parent.commands.find((command) => command.name() === name) ?? null
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined) return null
  const command = new Command(name)
  const { define } = await entry.load()
  define(command, context)
  return command
}

interface Offer {
  /** What every candidate begins with, as in `--model=`. */
  readonly prefix: string
  readonly candidates: readonly Candidate[] | typeof FILES
}

async function offer(completing: Completing, place: Place, current: string): Promise<Offer> {
  const { context } = completing
  const { command, operands, pending, onlyOperands } = place
  if (pending !== null) return { prefix: '', candidates: await valuesOf(context, pending) }
  if (!onlyOperands && current.startsWith('-')) return offerOptions(context, command, current)
  const names = operands === 0 && !onlyOperands ? commandsOf(completing, command) : []
  const argument = argumentAt(command, operands)
  if (argument === undefined) return { prefix: '', candidates: names }
  const values = await candidatesFor(context, { name: argument.name(), choices: argument.argChoices ?? null })
  return { prefix: '', candidates: values === FILES ? FILES : [...names, ...values] }
}

async function offerOptions(context: CommandContext, command: Command, current: string): Promise<Offer> {
  const end = current.indexOf('=')
  const name = end === -1 ? current : current.slice(0, end)
  const option = end === -1 ? undefined : command.options.find((one) => isNamed(one, name))
  if (option === undefined) return { prefix: '', candidates: optionsOf(command) }
  return { prefix: `${name}=`, candidates: await valuesOf(context, option) }
}

function argumentAt(command: Command, index: number): Argument | undefined {
  return command.registeredArguments[index] ?? command.registeredArguments.findLast((argument) => argument.variadic)
}

function valuesOf(context: CommandContext, option: Option): Promise<readonly Candidate[] | typeof FILES> {
  return candidatesFor(context, { name: option.attributeName(), choices: option.argChoices ?? null })
}

function isNamed({ long, short }: Option, word: string): boolean {
  return word === long || word === short
}

function commandsOf({ program, commands }: Completing, command: Command): readonly Candidate[] {
  if (command === program) {
    return Object.entries(commands).map(([value, { summary }]) => ({ value, description: summary }))
  }
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
    .map((one) => ({ value: one.name(), description: one.description() }))
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, short, description }) => {
      const value = long ?? short
      return value === undefined ? [] : [{ value, description }]
    })
}
