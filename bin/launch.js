// Old JavaScript on purpose: on a Node that is too old for natter this still runs, and finds a newer one.
var path = require('path')

/** Of these a process that stands between passes on what it gets. */
var PASSED = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']
/** How an interrupt is passed on: by a signal that no terminal sends, and that ends whoever does not know it. */
var TOLD = 'SIGALRM'

module.exports = function launch(entry) {
  // Without a listener of ours, Node opens a debugger that any page in a browser may try.
  process.on('SIGUSR1', () => {})
  var version = process.versions.node.split('.').map(Number)
  if (version[0] > 22 || (version[0] === 22 && version[1] >= 19)) return start(entry)
  var own = path.join(__dirname, '..', 'node_modules', 'node', 'bin', 'node')
  if (require('fs').existsSync(own)) return again(own)
  process.stderr.write('natter: this is Node ' + process.versions.node + ', natter needs Node 22.19 or newer\n')
  process.exitCode = 1
}

function start(entry) {
  if (process.env.NATTER_TOLD) hearOfInterrupts()
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
  var env = Object.assign({}, process.env, { NATTER_TOLD: '1' })
  var args = ['--disable-sigusr1'].concat(process.argv.slice(1))
  var child = require('child_process').spawn(own, args, { stdio: 'inherit', env: env })
  // On Windows the console tells every process of Ctrl-C, and nothing but an end can be passed on.
  var windows = process.platform === 'win32'
  process.on('SIGINT', () => {
    if (!windows) child.kill(TOLD)
  })
  PASSED.slice(0, windows ? 1 : PASSED.length).forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal)
    })
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code
    if (signal !== null) end(signal === TOLD ? 'SIGINT' : signal)
  })
}

function end(signal) {
  process.exitCode = 128 + require('os').constants.signals[signal]
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/**
 * The terminal tells both processes of Ctrl-C, and the other one passes it on: told more often than heard itself, this
 * one was left out.
 */
function hearOfInterrupts() {
  var heard = 0
  var told = 0
  delete process.env.NATTER_TOLD
  process.on('SIGINT', () => {
    heard += 1
    if (process.listenerCount('SIGINT') === 1) process.exit(130)
  })
  process.on(TOLD, () => {
    told += 1
    if (told > heard) process.kill(process.pid, 'SIGINT')
  })
}
