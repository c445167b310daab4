// Old JavaScript on purpose: on a Node that is too old for natter this still runs, and finds a newer one.
var path = require('path')

module.exports = function launch(entry) {
  var version = process.versions.node.split('.').map(Number)
  if (version[0] > 22 || (version[0] === 22 && version[1] >= 19)) return start(entry)
  var own = path.join(__dirname, '..', 'node_modules', 'node', 'bin', 'node')
  if (require('fs').existsSync(own)) return again(own)
  process.stderr.write('natter: this is Node ' + process.versions.node + ', natter needs Node 22.19 or newer\n')
  process.exitCode = 1
}

function start(entry) {
  // Not Node's default, which lies in a folder that others may write to.
  const folder = cacheFolder()
  if (folder !== null) require('module').enableCompileCache(folder)
  return import(require('url').pathToFileURL(path.join(__dirname, '..', 'dist', entry)).href)
}

/** Made step by step: Node's own recursion never ends where a home can be seen and not be written to, as in /proc. */
function cacheFolder() {
  const home = process.env.NATTER_HOME
  const above = home || process.env.XDG_CACHE_HOME || path.join(require('os').homedir(), '.cache')
  const folder = path.join(above, home ? 'cache' : 'natter')
  const fs = require('fs')
  if (fs.existsSync(folder)) return folder
  for (const step of [above, folder]) {
    try {
      fs.mkdirSync(step, { mode: 0o700 })
    } catch (error) {
      if (error.code !== 'EEXIST') return null
    }
  }
  return folder
}

function again(own) {
  var child = require('child_process').spawn(own, process.argv.slice(1), { stdio: 'inherit' })
  // The terminal tells both of Ctrl-C; what it means is for the child to say.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {
    child.kill('SIGTERM')
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + require('os').constants.signals[signal] : code
  })
}
