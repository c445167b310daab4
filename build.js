// Bundles the client and the daemon into dist, and gives the build its name.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const outdir = 'dist'

// CommonJS dependencies inside an ES module bundle still call require().
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

if (isFresh()) process.exit(0)

const shared = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  splitting: true,
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
  chunkNames: 'chunk-[hash]',
  write: false,
}

// One file: each further one costs the start of every command about a millisecond. What a command
// does not need stays inside functions that are never called, and the compile cache skips it.
const client = await build({
  ...shared,
  splitting: false,
  entryPoints: { natter: 'src/cli.ts' },
  outdir: `${outdir}/client`,
  banner: { js: requireBanner },
})
const daemon = await build({
  ...shared,
  entryPoints: {
    natterd: 'daemon/main.ts',
    'store-worker': 'daemon/store/store-worker.ts',
    'token-worker': 'daemon/models/token-worker.ts',
  },
  outdir: `${outdir}/daemon`,
  external: ['better-sqlite3', '@napi-rs/keyring'],
  banner: { js: requireBanner },
})

const files = [...client.outputFiles, ...daemon.outputFiles]
const hash = createHash('sha256')
for (const file of files) hash.update(file.contents)
const buildId = hash.digest('hex').slice(0, 12)

if (builtId() === buildId) utimesSync(`${outdir}/build.json`, new Date(), new Date())
else install()

/** Whether nothing was written since the last build. */
function isFresh() {
  try {
    const built = statSync(`${outdir}/build.json`).mtimeMs
    const sources = ['src', 'daemon'].flatMap((folder) =>
      readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
    )
    return ['build.js', 'package.json', 'package-lock.json', ...sources].every((file) => statSync(file).mtimeMs < built)
  } catch {
    return false
  }
}

/** The build that stands in `dist`, or null. */
function builtId() {
  try {
    return JSON.parse(readFileSync(`${outdir}/build.json`, 'utf8')).build
  } catch {
    return null
  }
}

/** Swaps the whole folder, so that a command started meanwhile never meets half a build. */
function install() {
  const fresh = `${outdir}.${process.pid}`
  for (const file of files) {
    const path = join(fresh, relative(outdir, file.path))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.contents)
  }
  writeFileSync(join(fresh, 'build.json'), `${JSON.stringify({ version, build: buildId })}\n`)
  rmSync(outdir, { recursive: true, force: true })
  renameSync(fresh, outdir)
}
