// What to say of a daemon that speaks another protocol, and cannot be replaced.

import { NatterError } from '../protocol/errors.ts'
import type { Hello } from '../protocol/hello.ts'
import { ourBuild } from './build.ts'

export function busyStranger({ build }: Hello, activeTurns: number): NatterError {
  const answers = `${activeTurns} ${activeTurns === 1 ? 'answer' : 'answers'}`
  return new NatterError(
    'daemon-unreachable',
    `Cannot use the running natterd: it is of build ${build} and busy with ${answers}, this natter is of build ${ourBuild().build} and speaks another protocol`,
    { hint: 'Wait for what it does to end; "natter daemon restart" replaces it now' },
  )
}

/** Another daemon would be no other: what would be started in its place is what runs. */
export function upgradedMeanwhile(): NatterError {
  return new NatterError('conflict', 'Cannot go on: natter was upgraded while this command ran', {
    hint: 'Run it again; answers go on in natterd, see "natter ps"',
  })
}
