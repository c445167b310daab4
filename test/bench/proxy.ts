// The floor: a proxy of 60 lines on node:http that parses every event and writes it again. Prints its port.

import { Agent, request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const upstreamPort = Number(process.argv[2])
const agent = new Agent({ keepAlive: true })

interface Chunk {
  readonly usage?: { readonly completion_tokens: number }
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

let characters = 0
let billed = 0

const server = createServer((request, response) => {
  const upstream = ask(
    { agent, host: '127.0.0.1', port: upstreamPort, method: 'POST', path: request.url, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, { 'content-type': 'text/event-stream' })
      answer.setEncoding('utf8')
      let rest = ''
      answer.on('data', (text: string) => {
        const frames = (rest + text).split('\n\n')
        rest = frames.pop() ?? ''
        let out = ''
        for (const frame of frames) out += again(frame)
        response.write(out)
      })
      answer.on('end', () => response.end())
    },
  )
  upstream.on('error', () => response.destroy())
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
})
// The rounds are further apart than the five seconds that a connection is kept.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))

/** What a gateway that meters must do: understand each event, count, and write it anew. */
function again(frame: string): string {
  const data = frame.slice('data: '.length)
  if (data === '[DONE]') return `${frame}\n\n`
  const chunk = JSON.parse(data) as Chunk
  characters += chunk.choices[0]?.delta.content?.length ?? 0
  billed += chunk.usage?.completion_tokens ?? 0
  return `data: ${JSON.stringify(chunk)}\n\n`
}

process.on('SIGTERM', () => {
  process.stderr.write(process.env['VERBOSE'] === undefined ? '' : `${characters} characters, ${billed} tokens\n`)
  process.exit(0)
})
