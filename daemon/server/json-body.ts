// A request's body: JSON in UTF-8, as it was sent. https://www.rfc-editor.org/rfc/rfc8259#section-8.1

import type { FastifyInstance } from 'fastify'
import { NatterError } from '../../src/protocol/errors.ts'
import { pathOf } from './path-of.ts'
import { RefusedRequest } from './refusals.ts'

/** The one body that the server reads; all others are refused by their content type. */
export function addJsonBody(server: FastifyInstance): void {
  // It refuses names that would reach an object's prototype, but says of them that they are not JSON.
  const parse = server.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.lease?.setBytes(body.length)
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding.toLowerCase() !== 'identity') {
      done(wrongEncoding(pathOf(request), encoding))
      return
    }
    const text = decode(body)
    if (text === null) {
      done(unreadable(pathOf(request), 'it is not valid UTF-8', 'Send the JSON encoded as UTF-8'))
      return
    }
    void parse(request, text, (error, value) => {
      if (error === null) done(null, value)
      else done(problemOf(pathOf(request), text))
    })
  })

  function decode(body: Buffer): string | null {
    try {
      return decoder.decode(body)
    } catch {
      // What is wrong is said by whoever asked.
      return null
    }
  }
}

function wrongEncoding(url: string, encoding: string): NatterError {
  return new RefusedRequest(415, `Cannot read request of ${url}: its content encoding is "${encoding}", not identity`, {
    hint: 'Send it uncompressed, without the header "content-encoding"',
    headers: { 'accept-encoding': 'identity' },
  })
}

/** The parser's own words are left out: they quote the body, which may hold a key. */
function problemOf(url: string, text: string): NatterError {
  if (text === '') {
    return unreadable(url, 'it is empty and should be a JSON object', 'Send {} where there is nothing to say')
  }
  try {
    JSON.parse(text)
  } catch {
    return unreadable(url, 'it is not valid JSON', 'Check its quotes, commas and brackets, and that all of it was sent')
  }
  return unreadable(
    url,
    'it has a field "__proto__", or a "prototype" in a "constructor", which is not allowed',
    'Leave that field out',
  )
}

function unreadable(url: string, problem: string, hint: string): NatterError {
  return new NatterError('invalid-request', `Cannot read request of ${url}: ${problem}`, { hint })
}
