// What is answered where the bytes are no request at all, or come too slowly: no framework ever sees these.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorInfo, NatterError, toErrorInfo } from '../../src/protocol/errors.ts'

interface Refusal {
  readonly status: string
  readonly error: ErrorInfo
}

/** For the event `clientError` of a server: answers where that is still possible, and closes. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const { status, error: info } = refusalOf(error)
  const body = JSON.stringify({ error: info })
  const head = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/** Words in the midst of another answer would be read as part of it. Node's own handler looks at the same place. */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null }
  return answer?.headersSent === true
}

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: '431 Request Header Fields Too Large',
        error: info('too-large', 'its address and headers are too large', 'Send a shorter address and fewer headers'),
      }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        status: '413 Payload Too Large',
        error: info('too-large', 'its chunk extensions are too large', 'Send chunks without extensions'),
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: '408 Request Timeout',
        error: info('timeout', 'it did not arrive in time', 'Send the whole request at once'),
      }
    default:
      return {
        status: '400 Bad Request',
        error: info('invalid-request', `it is not well-formed HTTP/1.1${reasonOf(error)}`, 'Send HTTP/1.1 without TLS'),
      }
  }
}

/** The parser's reasons are fixed sentences: nothing of the request is in them. */
function reasonOf(error: NodeJS.ErrnoException): string {
  const { reason } = error as { reason?: unknown }
  return typeof reason === 'string' && reason !== '' ? ` (${reason})` : ''
}

function info(code: 'too-large' | 'timeout' | 'invalid-request', problem: string, hint: string): ErrorInfo {
  return toErrorInfo(new NatterError(code, `Cannot read request: ${problem}`, { hint }))
}
