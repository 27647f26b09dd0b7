import { createServer } from 'node:net'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { answers } from './child-process.ts'
import { findFreePort } from './free-port.ts'
import { startInstance, type Instance } from './run-instance.ts'
import { findLiving, type RunState } from './run-state.ts'

const LEAN = ['--no-demo', '--broker', 'pgqueue']

let parent: string
let folder: string
const started: Instance[] = []

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'throughline-start-'))
  folder = join(parent, 'data')
})

afterEach(async () => {
  for (const instance of started.splice(0)) await instance.stop()
  rmSync(parent, { recursive: true, force: true })
})

async function start(args: readonly string[], environment: Record<string, string> = {}): Promise<Instance> {
  const instance = await startInstance({ folder, args, environment })
  started.push(instance)
  return instance
}

/** Every process that the instance told of is gone. */
async function expectNoneLeft(state: RunState): Promise<void> {
  await vi.waitFor(() => expect(findLiving(state)).toEqual([]), 15_000)
}

async function query<Row extends pg.QueryResultRow>(state: RunState, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: state.databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

test('an empty folder becomes a working installation, and Ctrl-C leaves no process behind', async () => {
  const instance = await start(LEAN)
  expect(await answers(instance.state.url)).toBe(true)
  expect(await answers(`${instance.state.controlUrl}/readyz`)).toBe(true)
  expect(Object.keys(instance.state.pids).toSorted()).toEqual(['collector', 'database', 'web'])
  expect(statSync(join(folder, 'secrets', 'seal-key')).mode & 0o077).toBe(0)
  await instance.stop()
  expect(await instance.exited).toBe('code 0')
  await expectNoneLeft(instance.state)
  expect(existsSync(join(folder, 'run.json'))).toBe(false)
})

test('a second start keeps the data and the secrets, a fresh one begins anew', async () => {
  const first = await start(LEAN)
  await query(first.state, 'create table kept_by_test ()')
  const secret = readFileSync(join(folder, 'secrets', 'web'), 'utf8')
  await first.stop()

  const second = await start(LEAN)
  // Nobody has used the one-time password of the first start, so the second shows another one.
  expect(second.owner?.login).toBe(first.owner?.login)
  expect(second.owner?.oneTimePassword).not.toBe(first.owner?.oneTimePassword)
  expect(await query(second.state, "select to_regclass('kept_by_test') as name")).toEqual([{ name: 'kept_by_test' }])
  expect(readFileSync(join(folder, 'secrets', 'web'), 'utf8')).toBe(secret)
  await second.stop()

  const fresh = await start([...LEAN, '--fresh'])
  expect(await query(fresh.state, "select to_regclass('kept_by_test') as name")).toEqual([{ name: null }])
  expect(readFileSync(join(folder, 'secrets', 'web'), 'utf8')).not.toBe(secret)
})

test('a taken port gives way to the next free one, and the start says so', async () => {
  const taken = await findFreePort(23_000)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve))
  try {
    const instance = await start(LEAN, { THROUGHLINE_PORT: String(taken) })
    expect(Number(new URL(instance.state.url).port)).toBeGreaterThan(taken)
    expect(readFileSync(instance.logFile, 'utf8')).toContain(`port ${taken} is taken; the web uses`)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('an embedded Postgres that is killed comes back with its data, and everything goes on', async () => {
  const { state, logFile } = await start(LEAN)
  await query(state, 'create table kept_by_test ()')
  process.kill(state.pids['database'] ?? 0, 'SIGKILL')
  await vi.waitFor(async () => expect(await query(state, 'select 1 as one from kept_by_test')).toEqual([]), 30_000)
  await vi.waitFor(async () => expect(await answers(`${state.controlUrl}/readyz`)).toBe(true), 30_000)
  expect(readFileSync(logFile, 'utf8')).toContain('database ended unexpectedly (signal SIGKILL)')
})

test('a launcher that is killed takes its children along, and the next start works on what it left', async () => {
  const killed = await start(LEAN)
  process.kill(killed.state.pid, 'SIGKILL')
  await expectNoneLeft(killed.state)
  const next = await start(LEAN)
  expect(await answers(next.state.url)).toBe(true)
})

test('a second start beside a running one says so and leaves it alone', async () => {
  const first = await start(LEAN)
  await expect(startInstance({ folder, args: LEAN })).rejects.toThrow(/ended with code 0[^]*already running/)
  expect(await answers(first.state.url)).toBe(true)
})

test('a database that cannot be reached ends the start with the cause and a remedy', async () => {
  const port = await findFreePort(0)
  const environment = { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` }
  await expect(startInstance({ folder, args: LEAN, environment })).rejects.toThrow(/cannot be used[^]*What to do/)
})

test('a broker that does not come up ends the start with the cause and a way around it, not with a stack', async () => {
  const java = join(parent, 'java')
  const answer = '[ "$1" = -version ] && echo \'openjdk version "21.0.1"\' >&2 && exit 0'
  writeFileSync(java, `#!/bin/sh\n${answer}\necho 'no memory left' >&2\nexit 1\n`, { mode: 0o755 })
  writeFileSync(join(parent, 'mvn'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  const environment = { PATH: `${parent}:${process.env['PATH']}`, JAVA_HOME: '' }
  const starting = startInstance({ folder, args: ['--no-demo', '--broker', 'kafka'], environment })
  const said = await starting.then(
    () => 'it came up',
    (error: unknown) => String(error),
  )
  expect(said).toMatch(/broker +FAILED/)
  expect(said).toMatch(/What to do: see .*kafka\.log; npm start -- --broker pgqueue/)
  expect(said).not.toMatch(/^\s+at .*launcher/m)
})
