// natter keys set: a key asked for without showing it, or read from standard input.

import { NatterError } from '../protocol/errors.ts'
import type { CommandContext } from './context.ts'
import { CLOUD_PROVIDERS, LOCAL_SERVERS } from './known-providers.ts'
import { askSecret } from './prompt-user.ts'

const KEY_MAX = 10_000

export async function setKey(context: CommandContext, provider: string, excess: number): Promise<void> {
  if (excess > 0 || looksLikeKey(provider)) throw refusal(looksLikeKey(provider) ? '<provider>' : provider)
  await checkProvider(context, provider)
  const key = process.stdin.isTTY === true ? await ask(context, provider) : await readInput()
  if (key === null || key.trim() === '') {
    throw new NatterError('usage', `Cannot store a key of "${provider}": there was none to read`, {
      hint: `Run "natter keys set ${provider}" and paste it, or pipe it in`,
    })
  }
  const { storage } = await context.client.call('keys.set', { provider, key: key.trim() }, context.signal)
  const where = storage === 'keychain' ? 'in the keychain of this system' : 'in a file that only you can read'
  context.note(`the key of "${provider}" is stored ${where}`)
}

/** Long, or with a known beginning: nobody calls a provider so. */
function looksLikeKey(word: string): boolean {
  return word.length > 30 || /^(?:sk-|AIza|gsk_|xai-)/.test(word)
}

/** A key under a name that nobody asks for would be lost without a word. The name may be a key: it is not repeated. */
async function checkProvider({ client, signal }: CommandContext, provider: string): Promise<void> {
  const builtIn = [...CLOUD_PROVIDERS, ...LOCAL_SERVERS]
  if (builtIn.includes(provider)) return
  const { value } = await client.call('config.get', { name: 'providers' }, signal)
  const known = [...new Set([...builtIn, ...Object.keys(value ?? {})])]
  if (known.includes(provider)) return
  throw new NatterError('usage', 'Cannot store a key: there is no provider of that name', {
    hint: `There are: ${known.join(', ')}. For another one run "natter config set providers.NAME.baseUrl URL" first`,
  })
}

/** It must not repeat what was typed. */
function refusal(provider: string): NatterError {
  return new NatterError(
    'usage',
    'Cannot take a key as an argument: other programs can read it there, and it is in the history of your shell now',
    { hint: `Remove it from that history, then run "natter keys set ${provider}" and paste the key when asked` },
  )
}

function ask(context: CommandContext, provider: string): Promise<string | null> {
  return askSecret(context, `Key of ${provider} (not shown): `)
}

async function readInput(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) {
    text += chunk
    if (text.length > KEY_MAX) {
      throw new NatterError('too-large', `Cannot read the key: standard input has more than ${KEY_MAX} characters`)
    }
  }
  return text
}
