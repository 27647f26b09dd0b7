import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startControlServer } from '#collector/control-server.ts'
import { openConsumerChannel } from '#collector/control/consumer-channel.ts'
import { openOrderBook, type OrderBook } from '#collector/control/order-book.ts'
import { startPause } from '#commands/pause/start.ts'
import { consumerGroup } from '#db/schema/cluster.ts'
import { upsertCluster } from '#db/store/cluster-store.ts'
import { listMembers } from '#db/store/pause-member-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'

const current = useTestDatabase()
const db = () => current().database
const TOKEN = 'a-token-of-the-recipes-32-bytes-or-more'
const EXAMPLES = join(import.meta.dirname, '../../../examples/pause')
const log = createLog('test', 'silent')
const eventually = { timeout: 100_000, interval: 50 }
const work = mkdtempSync(join(tmpdir(), 'throughline-recipes-'))
let orders: OrderBook

beforeAll(async () => {
  await upsertCluster(db(), {
    id: 'k',
    kind: 'kafka',
    name: 'K',
    environment: 'test',
    configuration: {},
    sealedSecret: null,
  })
  orders = openOrderBook(current(), log)
})
afterAll(async () => {
  await orders.stop()
  rmSync(work, { recursive: true, force: true })
})

interface Recipe {
  readonly language: string
  /** What has to answer for the recipe to run here. */
  readonly tools: readonly (readonly [string, string])[]
  /** Run first; ends before the example begins. */
  readonly build: readonly string[] | null
  readonly run: readonly string[]
  readonly folder: string
}

const RECIPES: readonly Recipe[] = [
  {
    language: 'Python',
    tools: [['python3', '--version']],
    build: null,
    run: ['python3', '-B', 'example.py'],
    folder: 'python',
  },
  {
    language: 'Go',
    tools: [['go', 'version']],
    build: ['go', 'build', '-o', join(work, 'go-example'), '.'],
    run: [join(work, 'go-example')],
    folder: 'go',
  },
  {
    language: 'Java',
    tools: [
      ['javac', '-version'],
      ['java', '-version'],
    ],
    build: ['javac', '-d', work, 'PauseListener.java', 'Example.java'],
    run: ['java', '-Xmx64m', '-XX:TieredStopAtLevel=1', '-cp', work, 'Example'],
    folder: 'spring',
  },
]

const findMissing = ({ tools }: Recipe) => tools.find(([tool, flag]) => spawnSync(tool, [flag]).status !== 0)?.[0]
/** What the compilers said. */
const built = new Map<string, string>()

// Before the tests, because they share this process' time and a compiler holds it up.
beforeAll(() => {
  for (const recipe of RECIPES) {
    if (recipe.build === null || findMissing(recipe) !== undefined) continue
    const cwd = join(EXAMPLES, recipe.folder)
    const { stderr, stdout } = spawnSync(recipe.build[0]!, recipe.build.slice(1), { cwd, encoding: 'utf8' })
    built.set(recipe.language, stderr + stdout)
  }
})

for (const recipe of RECIPES) {
  const { language, run, folder } = recipe
  const missing = findMissing(recipe)
  const note = missing === undefined ? '' : ` (skipped: no ${missing})`
  test.skipIf(missing !== undefined)(
    `the ${language} recipe pauses, says so, and resumes by its own clock when the console is gone${note}`,
    { timeout: 180_000, concurrent: true },
    async () => {
      const cwd = join(EXAMPLES, folder)
      expect(built.get(language) ?? '').toBe('')
      const channel = openConsumerChannel({ database: db(), orders, tokens: [TOKEN], log })
      const server = await startControlServer({
        host: '127.0.0.1',
        port: 0,
        readReadiness: async () => ({ isReady: true, details: {} }),
        answerConsumer: (request, response) => channel.answer(request, response),
      })
      const group = `g-${randomUUID()}`
      await db().insert(consumerGroup).values({ clusterId: 'k', name: group, state: 'stable', seenAt: new Date() })
      const { child, said } = start(run, cwd, group, server.port)
      try {
        await vi.waitFor(
          async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'running' }]),
          eventually,
        )
        const { leaseId } = await startPause(
          { database: db(), actor: { kind: 'person', id: 'p', name: 'Olga', role: 'operator' } },
          { clusterId: 'k', group, kind: 'cooperative', forMs: 10_000, reason: 'a "quoted" reason' },
        )
        await vi.waitFor(
          async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'paused', leaseId }]),
          eventually,
        )
        await server.stop()
        await vi.waitFor(() => expect(said()).toEqual(['listening', 'paused', 'resumed']), eventually)
      } finally {
        await server.stop()
        child.kill('SIGKILL')
      }
    },
  )
}

function start(
  command: readonly string[],
  cwd: string,
  group: string,
  port: number,
): { readonly child: ChildProcessWithoutNullStreams; readonly said: () => string[] } {
  const child = spawn(command[0]!, [...command.slice(1), group], {
    cwd,
    env: {
      ...process.env,
      THROUGHLINE_CONTROL_URL: `http://127.0.0.1:${port}`,
      THROUGHLINE_CONSUMER_TOKEN: TOKEN,
      THROUGHLINE_CLUSTER: 'k',
    },
  })
  let text = ''
  child.stdout.on('data', (part) => (text += String(part)))
  // Nobody reads what it logs; a full pipe would hold it up.
  child.stderr.resume()
  return { child, said: () => text.split('\n').filter((line) => line !== '') }
}
