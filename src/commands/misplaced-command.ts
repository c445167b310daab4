// The name of a command behind options: a prompt to the command line, and never what was meant.

import { NatterError } from '../protocol/errors.ts'
import type { CommandTable } from './command-module.ts'

/** Throws where the first word of a prompt that nothing marks as one is a command's name, or help. */
export function refuseMisplacedCommand(
  args: readonly string[],
  words: readonly string[],
  commands: CommandTable,
): void {
  const [name] = words
  if (name === undefined || !(name === 'help' || Object.hasOwn(commands, name))) return
  const at = args.findLastIndex((word, index) => word === name && holdsInOrder(args.slice(index), words))
  const [before, after] = [args.slice(0, at), args.slice(at + 1)]
  const typed = words.join(' ')
  throw new NatterError('usage', `Cannot tell whether "${typed}" is meant as a prompt: commands come before options`, {
    hint: `Run "natter ${[name, ...after, ...before].join(' ')}"; to ask the model, use -p "${typed}"`,
  })
}

/** The value of an option may be the command's name too, and does not have all words behind it. */
function holdsInOrder(args: readonly string[], words: readonly string[]): boolean {
  let next = 0
  for (const arg of args) if (arg === words[next]) next++
  return next === words.length
}
