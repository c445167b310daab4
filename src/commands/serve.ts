// natter serve: the OpenAI-compatible door over TCP, opened and closed.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import { SERVE_HOST, SERVE_PORT } from '../protocol/schema/devices.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import type { CommandContext } from './context.ts'

interface ServeOptions {
  readonly port?: number
  readonly host?: string
  readonly newToken?: boolean
  readonly json?: boolean
  readonly stop?: boolean
}

type Started = ResponseOf<'serve.start'>

export function define(command: Command, context: CommandContext): void {
  command
    .option('--port <n>', `where to listen; 0 takes any that is free (default: ${SERVE_PORT})`, toPort)
    .option(
      '--host <address>',
      `on which address; others than this machine's own open it to the network (default: ${SERVE_HOST})`,
    )
    .option('--new-token', 'print another token; the old one ends')
    .option('--json', 'print {"url", "token"} on one line, the url without /v1')
    .option('--stop', 'listen no more; what is being answered ends')
    .addHelpText(
      'after',
      '\nPrints the address, with /v1, and the token for a shell to take over: eval "$(natter serve)"\nIt listens, and exits 1, where the token was printed before and a pipe, or --json, asks for it.',
    )
    .action((options: ServeOptions) => (options.stop === true ? stop(context, options) : start(context, options)))
}

async function start(context: CommandContext, options: ServeOptions): Promise<void> {
  const { port, host, newToken = false, json = false } = options
  const started = await context.client.call(
    'serve.start',
    { newToken, ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) },
    context.signal,
  )
  const { url, token, exposed } = started
  if (exposed) {
    context.note('others on your network can reach this, and http can be read by them: prompts, answers and the token')
  }
  if (json) context.stdout.write(`${JSON.stringify({ url, token: printable(started) })}\n`)
  else if (token === null && context.stdout.isTTY === true) noteKnown(context, started)
  else writeToken(context, url, printable(started))
}

/** For a shell to take over, or to read. */
function writeToken({ stdout, note }: CommandContext, url: string, token: string): void {
  note(`listening on ${url} until "natter serve --stop", restarts included; the token is shown this once`)
  stdout.write(`export OPENAI_BASE_URL=${url}/v1\nexport OPENAI_API_KEY=${token}\n`)
}

/** To whoever reads it. A shell that takes over what is printed shall not go on without. */
function noteKnown({ note }: CommandContext, { url, already }: Started): void {
  note(`listening on ${url}${already ? ' already' : ''}, with the token that was printed before`)
  note('"natter serve --new-token" prints another, and ends that one')
}

/** A script that asks for a token shall have one or fail, and not go on with an empty one. */
function printable({ token, url }: Started): string {
  if (token !== null) return token
  throw new NatterError(
    'conflict',
    `Cannot print the token of ${url}, which is listening: it was printed before, and only a hash is kept`,
    {
      hint: 'Use that one, or run with --new-token for another, which ends it',
    },
  )
}

async function stop({ client, signal, note }: CommandContext, options: ServeOptions): Promise<void> {
  if (options.port !== undefined || options.host !== undefined || options.newToken === true || options.json === true) {
    throw new NatterError('usage', 'Cannot use --stop together with other options', {
      hint: 'Run "natter serve --stop"',
    })
  }
  const { stopped } = await client.call('serve.stop', {}, signal)
  note(stopped ? 'listening no more; the token stays valid for the next "natter serve"' : 'natter was not listening')
}

function toPort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new NatterError('usage', `Cannot use "${value}" as a port: it must be a number from 0 to 65535`)
}
