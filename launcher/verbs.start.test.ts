import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findChromium } from '../e2e/support/find-chromium.ts'
import { roundEnvironment } from '../e2e/support/round.ts'
import { dataFolder, ROOT } from './folders.ts'
import { startInstance } from './run-instance.ts'
import { runNpmCommand, type NpmCommand } from './run-npm-command.ts'
import { findLiving, findRunning } from './run-state.ts'

/** On two busy cores the first compilation of a page takes its time. */
const PATIENCE = { timeout: 120_000, interval: 200 }
const LEAN = ['--no-demo', '--broker', 'pgqueue']

let parent: string
let folder: string
const running: NpmCommand[] = []

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'throughline-verbs-'))
  folder = join(parent, 'data')
})

afterEach(async () => {
  for (const command of running.splice(0)) {
    command.pressCtrlC()
    await command.exitCode
  }
  rmSync(parent, { recursive: true, force: true })
})

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): NpmCommand {
  const command = runNpmCommand(['run', ...args], { THROUGHLINE_DATA: folder, ...environment })
  running.push(command)
  return command
}

const untilItSays = (command: NpmCommand, words: string | RegExp) =>
  vi.waitFor(() => expect(command.output()).toMatch(words), PATIENCE)

async function countFlows(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return Number((await client.query<{ count: string }>('select count(*) from flow')).rows[0]?.count)
  } finally {
    await client.end()
  }
}

test('npm run dev serves the sign-in page, and Ctrl-C leaves no process behind', async (context) => {
  const isTaken = findRunning(dataFolder())?.mode === 'dev'
  context.skip(isTaken, 'npm run dev is running in this checkout already, and Next allows one')
  const dev = run(['dev', '--', ...LEAN])
  await untilItSays(dev, 'Ctrl-C stops everything')
  const state = findRunning(folder)!
  const page = await fetch(`${state.url}/sign-in`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Throughline')
  dev.pressCtrlC()
  await dev.exitCode
  expect(dev.output()).toMatch(/web +stopped\n +collector +stopped\n +database +stopped/)
  await vi.waitFor(() => expect(findLiving(state)).toEqual([]), PATIENCE)
  expect(existsSync(join(folder, 'run.json'))).toBe(false)
})

test('npm run demo says what to do when nothing runs, else opens the shop, whose orders become flows', async () => {
  const alone = run(['demo'])
  expect(await alone.exitCode).toBe(1)
  expect(alone.output()).toContain('npm start -- --no-demo')

  const instance = await startInstance({ folder, args: LEAN })
  try {
    const demo = run(['demo'], { DEMO_PORT: '0', DEMO_ORDERS_PER_SECOND: '5' })
    await untilItSays(demo, 'Ctrl-C closes it')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.output())?.[0] ?? ''
    const paid = async (): Promise<number> => {
      const state: { counts: { paid: number } } = JSON.parse(await (await fetch(`${url}/state`)).text())
      return state.counts.paid
    }
    await vi.waitFor(async () => expect(await paid()).toBeGreaterThan(0), PATIENCE)
    await vi.waitFor(async () => expect(await countFlows(instance.state.databaseUrl)).toBeGreaterThan(0), PATIENCE)
    demo.pressCtrlC()
    await demo.exitCode
    expect(demo.output()).toMatch(/demo shop +closed/)
  } finally {
    await instance.stop()
  }
})

test('npm run screens takes the picture that is asked for, wide and narrow, dark and light, and no other', async (context) => {
  const chromium = await findChromium().catch((error: unknown) => error)
  context.skip(chromium instanceof Error, String(chromium))
  const out = join(parent, 'pictures')
  const screens = run(['screens', '--', '--only', 'sign-in', '--out', out], roundEnvironment('bare'))
  expect(await screens.exitCode, screens.output()).toBe(0)
  const files = readdirSync(out).toSorted()
  expect(files).toEqual(['narrow-dark', 'narrow-light', 'wide-dark', 'wide-light'].map((kind) => `sign-in-${kind}.png`))
  for (const file of files) expect(statSync(join(out, file)).size).toBeGreaterThan(5_000)
})

test('npm run bench lists the benchmarks, and one of them measures, its figure being the last line', async () => {
  const list = run(['bench'])
  expect(await list.exitCode).toBe(0)
  for (const file of readdirSync(join(ROOT, 'bench')).filter((name) => name.endsWith('.bench.ts')))
    expect(list.output()).toMatch(new RegExp(`^  ${file.replace('.bench.ts', '')} +[A-Z]`, 'm'))

  const ingest = run(['bench', '--', 'ingest', '--size', '4000'])
  expect(await ingest.exitCode, ingest.output()).toBe(0)
  const figure: unknown = JSON.parse(ingest.output().trim().split('\n').at(-1) ?? '')
  expect(figure).toMatchObject({ name: 'ingest', unit: 'spans/s', size: 4_000, value: expect.any(Number) })
})

test('npm test ends with how long each kind took and the counts, and says what it does not know', async () => {
  const command = runNpmCommand(['test', '--', 'unit', 'test-counts'])
  running.push(command)
  expect(await command.exitCode, command.output()).toBe(0)
  const lines = command.output().trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/)
  expect(command.output()).toMatch(/^  unit +[1-9]\d* passed, 0 failed, 0 skipped +[\d.]+ s$/m)

  const wrong = runNpmCommand(['test', '--', 'test-counts'])
  running.push(wrong)
  expect(await wrong.exitCode).toBe(1)
  expect(wrong.output()).toContain('use: npm test --')
})
