// natter devices: who has a token, what it opens, and what may be spent with it.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import { shortId } from '../protocol/ids.ts'
import type { Device } from '../protocol/schema/devices.ts'
import { formatCost, formatRelativeTime } from '../render/plain.ts'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { notEmpty } from './not-empty.ts'
import { writeJson, writeTable } from './print.ts'

const COLUMNS = [
  { title: 'DEVICE', narrows: 'fold' },
  { title: 'ID' },
  { title: 'MAY' },
  { title: 'A MONTH', align: 'right' },
  { title: 'LAST USED' },
] as const

/** Of an id, so many digits tell it apart. */
const DIGITS_MIN = 4

export function define(command: Command, context: CommandContext): void {
  command
    .command('list')
    .description('which devices have a token')
    .option('--json', 'print them as JSON')
    .action((options: { json?: boolean }) => list(context, options.json === true))
  command
    .command('rm')
    .description('revoke the token of a device; what is being answered to it ends')
    .argument('<device>', 'its name, or digits of its id', notEmpty('device'))
    .action((reference: string) => remove(context, reference))
  command
    .command('budget')
    .description('what a device may spend in a calendar month')
    .argument('<device>', 'its name, or digits of its id', notEmpty('device'))
    .argument('<dollars>', 'US dollars, or "none"', toMicros)
    .action((reference: string, monthlyMicros: number | null) => setBudget(context, reference, monthlyMicros))
  asGroup(command, 'list')
}

async function list(context: CommandContext, json: boolean): Promise<void> {
  const { devices } = await context.client.call('devices.list', {}, context.signal)
  if (json) {
    writeJson(context, { devices })
    return
  }
  if (devices.length === 0) {
    context.note('no device has a token; "natter serve" makes one')
    return
  }
  const now = Date.now()
  writeTable(
    context,
    devices.map((device) => [
      device.name,
      shortId(device.deviceId),
      device.scopes.join(', '),
      device.monthlyMicros === null ? 'no limit' : formatCost(device.monthlyMicros),
      device.usedAt === null ? 'never' : formatRelativeTime(device.usedAt, now),
    ]),
    COLUMNS,
  )
}

async function remove(context: CommandContext, reference: string): Promise<void> {
  const { deviceId, name } = await find(context, reference)
  await context.client.call('devices.remove', { deviceId }, context.signal)
  context.note(`the token of "${name}" is revoked`)
}

async function setBudget(context: CommandContext, reference: string, monthlyMicros: number | null): Promise<void> {
  const { deviceId } = await find(context, reference)
  const { device } = await context.client.call('devices.update', { deviceId, monthlyMicros }, context.signal)
  const budget = monthlyMicros === null ? 'as much as you' : `${formatCost(monthlyMicros)} a month`
  context.note(`"${device.name}" may spend ${budget}`)
}

/** A name before digits: names are what people gave. */
async function find({ client, signal }: CommandContext, reference: string): Promise<Device> {
  const { devices } = await client.call('devices.list', {}, signal)
  const named = devices.filter(({ name }) => name === reference)
  const [found, ...others] = named.length > 0 ? named : devices.filter(({ deviceId }) => isPart(deviceId, reference))
  if (found !== undefined && others.length === 0) return found
  if (found !== undefined) {
    throw new NatterError('ambiguous', `"${reference}" names more than one device`, {
      hint: 'Run "natter devices list" and use more digits',
    })
  }
  throw new NatterError('not-found', `There is no device "${reference}"`, { hint: 'Run "natter devices list"' })
}

function isPart(deviceId: string, reference: string): boolean {
  const digits = reference.replace(/^dev_/, '')
  if (digits.length < DIGITS_MIN) return false
  return deviceId.endsWith(digits) || deviceId.startsWith(`dev_${digits}`)
}

function toMicros(value: string): number | null {
  if (value === 'none') return null
  if (/^\d{1,6}(\.\d{1,6})?$/.test(value)) return Math.round(Number(value) * 1e6)
  throw new NatterError(
    'usage',
    `Cannot use "${value}" as a budget: it must be US dollars, such as 5 or 2.50, or "none"`,
  )
}
