// What a server without the Responses API is asked instead: most that imitate OpenAI know Chat Completions alone.

import { createRecent, type Recent } from '../../recent.ts'
import { createByteQueue, readText } from '../byte-source.ts'
import { StatusFailure } from '../failures.ts'
import type { Endpoint } from '../provider.ts'
import type { StreamReader } from '../reader.ts'
import type { HttpResponse } from '../transport.ts'
import { parseVendorError } from '../vendor-error.ts'
import { hostOf } from './host.ts'

/** Base URLs of servers that have Chat Completions and no Responses; shared by all turns. */
export type ChatOnly = Recent<string, true>

const SERVERS_MAX = 100

export function createChatOnly(): ChatOnly {
  return createRecent(SERVERS_MAX)
}

export interface Ways {
  readonly endpoint: Endpoint
  readonly chatOnly: ChatOnly
  responses(): Promise<HttpResponse>
  chat(): Promise<HttpResponse>
}

/** What taught us that there is no such address is forgotten as soon as the other one is gone too. */
export async function sendEither({ endpoint, chatOnly, responses, chat }: Ways): Promise<HttpResponse> {
  const { baseUrl } = endpoint
  if (isOpenAI(endpoint)) return responses()
  if (chatOnly.get(baseUrl) === undefined) {
    try {
      return await checked(await responses())
    } catch (error) {
      if (!isUnknownAddress(error)) throw error
    }
  }
  try {
    const response = await chat()
    chatOnly.add(baseUrl, true)
    return response
  } catch (error) {
    if (isUnknownAddress(error)) chatOnly.remove(baseUrl)
    throw error
  }
}

/** Reads what comes as `first` does, until it is told that it comes in another format. */
export function createTurningReader(first: StreamReader): StreamReader & { turn(to: StreamReader): void } {
  let reader = first
  return {
    get phase() {
      return reader.phase
    },
    read: (message, parts) => reader.read(message, parts),
    readWhole: (body, parts) => reader.readWhole(body, parts),
    close: (parts, complete) => reader.close(parts, complete),
    turn(to) {
      reader = to
    },
  }
}

function isOpenAI(endpoint: Endpoint): boolean {
  return /(?:^|\.)api\.openai\.com(?::\d+)?$/.test(hostOf(endpoint))
}

/** A missing model is answered by 404 as well, and is missing at the other address too. */
function isUnknownAddress(error: unknown): boolean {
  if (!(error instanceof StatusFailure) || ![404, 405, 501].includes(error.status)) return false
  const { message, codes } = parseVendorError(error.body)
  return !/model/i.test([message, ...codes].join(' '))
}

/** Longer is an answer, and waits until it is read. */
const REFUSAL_BYTES_MAX = 1_000

/** Older versions of LM Studio: `{"error":"Unexpected endpoint or method. (POST /v1/responses). Returning 200 anyway"}`. */
async function checked(response: HttpResponse): Promise<HttpResponse> {
  const { headers } = response
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (!(headers['content-type'] ?? '').includes('json') || !(length <= REFUSAL_BYTES_MAX)) return response
  const text = await readText(response.body, REFUSAL_BYTES_MAX)
  if (/unexpected endpoint/i.test(parseVendorError(text).message)) throw new StatusFailure(404, headers, text)
  const body = createByteQueue({ pause() {}, resume() {}, destroy() {} })
  body.push(Buffer.from(text))
  body.end()
  return { ...response, body }
}
