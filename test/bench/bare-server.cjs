// The least a Node server can do: listen on a socket and answer.
require('node:http')
  .createServer((_request, response) => response.end('{}'))
  .listen(process.argv[2])
