// Servers differ in the optional fields they take: what one refuses by name is left out, and remembered.

import { StatusFailure } from './failures.ts'

/** What servers taught us, by base URL and model; shared by all turns. */
export type Dialects<Dialect> = Map<string, Dialect>

export interface Adapting<Dialect, Answer> {
  readonly dialects: Dialects<Dialect>
  readonly key: string
  readonly initial: Dialect
  /** The dialect without what the complaint names; null where it names nothing that can be left out. */
  adapt(dialect: Dialect, complaint: string): Dialect | null
  post(dialect: Dialect): Promise<Answer>
}

/** No format has more than three fields that may go. */
const ATTEMPTS = 4

export async function sendAdapting<Dialect, Answer>(sending: Adapting<Dialect, Answer>): Promise<Answer> {
  const { dialects, key } = sending
  for (let attempt = 1; ; attempt += 1) {
    const dialect = dialects.get(key) ?? sending.initial
    try {
      return await sending.post(dialect)
    } catch (error) {
      const adapted = isComplaint(error) ? sending.adapt(dialect, error.body) : null
      if (adapted === null || attempt === ATTEMPTS) throw error
      dialects.set(key, adapted)
    }
  }
}

/** Whether a server refused what stands in the request. */
export function isComplaint(error: unknown): error is StatusFailure {
  return error instanceof StatusFailure && (error.status === 400 || error.status === 422)
}
