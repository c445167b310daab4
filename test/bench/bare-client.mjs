// The least a Node program can do to ask natterd: the same two requests as natter, nothing else.
import http from 'node:http'

const [socketPath, body] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true })
const common = { agent, socketPath, headers: { host: 'natterd' } }
const headers = { host: 'natterd', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
http
  .request({ ...common, method: 'POST', path: '/api/turns.start', headers }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk) => {
      text += chunk
    })
    response.on('end', () => follow(JSON.parse(text)))
  })
  .end(body)

function follow({ conversationId, turnId }) {
  const path = `/api/events?conversation=${conversationId}`
  http
    .request({ ...common, path }, (response) => {
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        const frames = (rest + chunk).split('\n\n')
        rest = frames.pop()
        for (const frame of frames) show(JSON.parse(frame.slice(frame.indexOf('data: ') + 6)), turnId)
      })
    })
    .end()
}

function show(event, turnId) {
  if (event.type === 'snapshot') {
    const turn = event.turns.find((view) => view.turnId === turnId)
    for (const part of turn.parts) process.stdout.write(part.text)
    if (turn.outcome !== null) process.exit(0)
  }
  if (event.turnId !== turnId) return
  if (event.type === 'text-delta') process.stdout.write(event.text)
  if (event.type === 'turn-end') process.exit(0)
}
