// The name of a command behind options: a prompt to the command line, and never what was meant.

import { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import type { CommandTable } from './command-module.ts'
import type { CommandContext } from './context.ts'

interface Typed {
  readonly args: readonly string[]
  /** Those that are neither options nor their values. */
  readonly words: readonly string[]
  /** With the options of a prompt. */
  readonly program: Command
}

/** Throws where the first word of a prompt that nothing marks as one is a command's name, or help. */
export async function refuseMisplacedCommand(
  { args, words, program }: Typed,
  commands: CommandTable,
  context: CommandContext,
): Promise<void> {
  const [name] = words
  if (name === undefined || !(name === 'help' || Object.hasOwn(commands, name))) return
  const at = args.findLastIndex((word, index) => word === name && holdsInOrder(args.slice(index), words))
  const [before, after] = [args.slice(0, at), args.slice(at + 1)]
  const command = await findCommand(words, commands, context)
  const moved = optionsIn(before, program)
    .filter(({ flags }) => command.options.some((option) => flags.includes(option.long ?? option.short ?? '')))
    .flatMap(({ typed }) => typed)
  const typed = words.join(' ')
  throw new NatterError('usage', `Cannot tell whether "${typed}" is meant as a prompt: commands come before options`, {
    hint: `Run "natter ${[name, ...after, ...moved].join(' ')}"; to ask the model, use -p "${typed}"`,
  })
}

/** The value of an option may be the command's name too, and does not have all words behind it. */
function holdsInOrder(args: readonly string[], words: readonly string[]): boolean {
  let next = 0
  for (const arg of args) if (arg === words[next]) next++
  return next === words.length
}

/** The innermost command that the words name; one without options for help. */
async function findCommand(
  [name = '', ...words]: readonly string[],
  commands: CommandTable,
  context: CommandContext,
): Promise<Command> {
  let command = new Command(name)
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  const { define } = (await entry?.load()) ?? { define: () => {} }
  define(command, context)
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word)
    if (inner === undefined) return command
    command = inner
  }
  return command
}

interface TypedOption {
  readonly flags: readonly string[]
  /** With its value. */
  readonly typed: readonly string[]
}

function optionsIn(args: readonly string[], program: Command): readonly TypedOption[] {
  const found: TypedOption[] = []
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? ''
    const option = program.options.find(({ long, short }) => [long, short].includes(word.split('=', 1)[0]))
    const hasValue = option?.required === true && !word.includes('=')
    const typed = args.slice(index, index + (hasValue ? 2 : 1))
    found.push({ flags: [option?.long, option?.short, word].filter((flag) => flag !== undefined), typed })
    if (hasValue) index += 1
  }
  return found
}
