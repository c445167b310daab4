// A command whose name was mistyped must not go to a model, which would answer it for money.

import { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import type { CommandTable } from './command-module.ts'
import type { CommandContext } from './context.ts'

/** Names this short are near too many words: wait, bait; last, list. */
const SHORT = 4

/** Throws where the words are most likely a command with one slip in its name. Only for what a person has typed. */
export async function refuseNearCommand(
  words: readonly string[],
  commands: CommandTable,
  context: CommandContext,
): Promise<void> {
  const near = await nearCommand(words, commands, context)
  if (near === null) return
  const typed = words.join(' ')
  throw new NatterError('usage', `Cannot tell whether "${typed}" is meant as a prompt`, {
    hint: `Did you mean "natter ${near}"? To ask the model, use natter -p "${typed}"`,
  })
}

/** One word near a command, or more of which the second is a command of what the first is near to. */
async function nearCommand(
  words: readonly string[],
  commands: CommandTable,
  context: CommandContext,
): Promise<string | null> {
  const [word = '', second] = words
  for (const [name, { load }] of Object.entries(commands)) {
    const nearness = nearnessOf(word.toLowerCase(), name)
    if (nearness === null) continue
    if (second === undefined) {
      if (name.length > SHORT || nearness !== 'letter') return name
      continue
    }
    const group = new Command(name)
    const { define } = await load()
    define(group, context)
    if (group.commands.some((command) => command.name() === second)) return [name, ...words.slice(1)].join(' ')
  }
  return null
}

/**
 * The same word, or one slip away: two neighbours changed places, or a letter is another, missing or too many; else null.
 */
function nearnessOf(word: string, name: string): 'same' | 'order' | 'letter' | null {
  // In capitals, which no command is called by.
  if (word === name) return 'same'
  if (!/^[a-z]+$/.test(word)) return null
  let at = 0
  while (at < word.length && word[at] === name[at]) at++
  const [typed, meant] = [word.slice(at), name.slice(at)]
  if (typed.slice(0, 2) === [meant[1], meant[0]].join('') && typed.slice(2) === meant.slice(2)) return 'order'
  const rests = [typed.slice(1) === meant.slice(1), typed.slice(1) === meant, typed === meant.slice(1)]
  return rests.includes(true) ? 'letter' : null
}
