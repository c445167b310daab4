// Old JavaScript on purpose: on a Node that is too old for natter this still runs, and finds a newer one.
var path = require('path')

/** Of these a process that stands between passes on what it gets. */
var PASSED = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']
/** Where interrupts are passed on: a pipe loses none while the other one starts, and ends nobody who is about to end. */
var TOLD = 3
/** Within that what the terminal itself sent has come, in milliseconds. */
var TERMINAL_MS = 50

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
  if (process.env.NATTER_TOLD === String(TOLD)) hearOfInterrupts()
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
  var env = Object.assign({}, process.env, { NATTER_TOLD: String(TOLD) })
  var args = ['--disable-sigusr1'].concat(process.argv.slice(1))
  var stdio = ['inherit', 'inherit', 'inherit', 'pipe']
  var child = require('child_process').spawn(own, args, { stdio: stdio, env: env })
  // It may have ended before it read all, and what it leaves open must not keep this one.
  var pipe = child.stdio[TOLD].on('error', () => {})
  pipe.unref()
  // On Windows the console tells every process of Ctrl-C, and nothing but an end can be passed on.
  var windows = process.platform === 'win32'
  process.on('SIGINT', () => {
    if (!windows) pipe.write('.')
  })
  PASSED.slice(0, windows ? 1 : PASSED.length).forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal)
    })
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code
    if (signal !== null) end(signal)
  })
}

function end(signal) {
  process.exitCode = 128 + require('os').constants.signals[signal]
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/**
 * The terminal tells both processes of Ctrl-C, and the other one passes it on: told more often than heard itself, this
 * one was left out. Which of the two comes first is chance.
 */
function hearOfInterrupts() {
  var heard = 0
  var told = 0
  delete process.env.NATTER_TOLD
  process.on('SIGINT', () => {
    heard += 1
    if (process.listenerCount('SIGINT') === 1) process.exit(130)
  })
  var pipe = new (require('net').Socket)({ fd: TOLD, readable: true, writable: false })
  pipe.on('error', () => {})
  pipe.on('data', (bytes) => {
    for (var i = 0; i < bytes.length; i++) {
      told += 1
      setTimeout(compare, TERMINAL_MS, told).unref()
    }
  })
  pipe.unref()

  function compare(count) {
    // Not before the signals that came while this process had no time.
    setImmediate(() => {
      if (count > heard) process.kill(process.pid, 'SIGINT')
    })
  }
}
