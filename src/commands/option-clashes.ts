// Options that cannot all be meant.

import { NatterError } from '../protocol/errors.ts'
import { type AskOptions, formatOf } from './ask-options.ts'

type PrintOptions = Pick<AskOptions, 'json' | 'outputFormat' | 'extract'>

export function refuseClashes(options: AskOptions): void {
  refusePrintClashes(options)
  if (options.continue === true && options.resume !== undefined) {
    throw new NatterError('usage', 'Cannot continue two conversations: -c and -r clash', {
      hint: `Use -r "${options.resume}" alone, or -c for the one last used here`,
    })
  }
  if (options.detach === true && options.extract === true) {
    throw new NatterError('usage', 'Cannot extract code of an answer that nobody waits for: -x and --detach clash', {
      hint: 'Use --detach, then "natter last --code"',
    })
  }
  if (options.detach === true && !options.log) {
    throw new NatterError('usage', 'Cannot leave an answer that is kept nowhere: -n and --detach clash', {
      hint: 'Use --detach alone; "natter history rm" removes the conversation afterwards',
    })
  }
  if (options.editor === true && process.stdout.isTTY !== true) {
    throw new NatterError('usage', 'Cannot open an editor: standard output is not a terminal', {
      hint: 'Give the prompt as an argument or on standard input',
    })
  }
}

/** What is printed has one form. */
export function refusePrintClashes(options: PrintOptions): void {
  const { json, outputFormat, extract } = options
  if (json === true && outputFormat !== undefined && outputFormat !== 'json') {
    throw new NatterError('usage', `Cannot print in two formats: --json and --output-format ${outputFormat} clash`, {
      hint: 'Use one of them',
    })
  }
  const format = formatOf(options)
  if (extract === true && format !== 'text') {
    throw new NatterError('usage', `Cannot print a code block as ${format}: -x prints the code alone`, {
      hint: 'Ask with -x alone; "natter last --code --json" prints the block as JSON afterwards',
    })
  }
}
