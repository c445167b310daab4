import { expect, it } from 'vitest'
import type { CommandContext } from '../../../src/commands/context.ts'
import { refuseNearCommand } from '../../../src/commands/near-command.ts'
import { COMMANDS } from '../../../src/commands/table.ts'
import { NatterError } from '../../../src/protocol/errors.ts'

/** Commands are defined here, never run. */
const context = {} as CommandContext

async function hintOf(prompt: string): Promise<string | null> {
  try {
    await refuseNearCommand(prompt.split(' '), COMMANDS, context)
    return null
  } catch (error) {
    return error instanceof NatterError ? error.hint : String(error)
  }
}

it.each([
  ['histroy', 'history'],
  ['hstory', 'history'],
  ['historyy', 'history'],
  ['History', 'history'],
  ['modles', 'models'],
  ['model', 'models'],
  ['modelz', 'models'],
  ['confg', 'config'],
  ['docotr', 'doctor'],
  ['deamon', 'daemon'],
  ['completoin', 'completion'],
  ['template', 'templates'],
  ['tial', 'tail'],
  ['kesy', 'keys'],
  ['keyz list', 'keys list'],
  ['key set openai', 'keys set openai'],
  ['histroy search bees and honey', 'history search bees and honey'],
  ['demon start', 'daemon start'],
])('refuseNearCommand() refuses "%s" and names "natter %s"', async (typed, meant) => {
  expect(await hintOf(typed)).toBe(`Did you mean "natter ${meant}"? To ask the model, use natter -p "${typed}"`)
})

it.each([
  'hello',
  'status?',
  'mode',
  'histories',
  'help!',
  'list',
  'lost',
  'fail',
  'mail',
  'shop',
  'key',
  'keyz',
  'is',
  'model?',
  'hi',
  '',
  'история',
  'model trains are fun',
  'demon slayer',
  'key signatures in music',
])('refuseNearCommand() lets "%s" be asked', async (prompt) => {
  expect(await hintOf(prompt)).toBeNull()
})
