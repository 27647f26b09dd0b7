import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { findFreePort } from '../../launcher/free-port.ts'
import { startKafka, type KafkaServer } from '../../launcher/servers/kafka.ts'
import { startLossyProxy, type LossyProxy } from '#brokers/lossy-proxy.ts'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase, type TestDatabase } from '#db/test-database.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import { beginEpisode, type EngineTwist } from '#engine/kill-suite/kill-episode.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { openRabbitmqGround } from '#engine/kill-suite/rabbitmq-ground.ts'
import { seededRandom } from '#engine/kill-suite/seeded-random.ts'
import { readOperation } from '#db/store/operation-store.ts'

const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
const MESSAGES = 2_000
const TROUBLES = 40
const BROKER_KILLS = Number(process.env['BROKER_KILLS'] ?? 4)
const kafkaMissing = inject('kafkaMissing')
const rabbitmq = inject('rabbitmq')

// Every way has a ledger of its own, as any engine takes any operation that it finds, and all are tried side by side.
describe.concurrent(`a network that cuts and swallows answers (KILL_SEED=${SEED})`, () => {
  describe('on the way to Postgres queues', () => {
    const database = useTestDatabase()
    test('costs a redrive nothing but time', async ({ onTestFinished: onEnd }) => {
      const { proxy, url } = await openProxied(database().url, onEnd)
      const ground = await openQueues(database().url, onEnd)
      await expectSurvival({ client: database(), ground, proxy, onEnd }, { secret: { url } })
    })
  })

  describe.skipIf(rabbitmq === null)('on the way to RabbitMQ', () => {
    const database = useTestDatabase()
    test('costs a redrive nothing but time', async ({ onTestFinished: onEnd }) => {
      const access = rabbitmq ?? { address: '', managementUrl: '', username: '', password: '' }
      const ground = await openRabbitmqGround(access)
      onEnd(() => ground.close())
      const proxy = await openProxy(Number(new URL(access.address).port), onEnd)
      const { managementUrl } = access
      const configuration = { addresses: [`amqp://127.0.0.1:${proxy.port}`], managementUrl }
      await expectSurvival({ client: database(), ground, proxy, onEnd }, { configuration })
    })
  })

  describe('on the way to the ledger', () => {
    const database = useTestDatabase()
    test('costs a redrive nothing but time', async ({ onTestFinished: onEnd }) => {
      const { proxy, url } = await openProxied(database().url, onEnd)
      const ground = await openQueues(database().url, onEnd)
      await expectSurvival({ client: database(), ground, proxy, onEnd }, { databaseUrl: url })
    })
  })

  describe.skipIf(kafkaMissing !== null)('on the way to Kafka', () => {
    const database = useTestDatabase()
    test('costs a redrive nothing but time', async ({ onTestFinished: onEnd }) => {
      const folder = mkdtempSync(join(tmpdir(), 'throughline-network-'))
      onEnd(() => rmSync(folder, { recursive: true, force: true }))
      const [plain, behind] = [await findFreePort(0), await findFreePort(0)]
      const proxy = await openProxy(behind, onEnd)
      const address = (name: string, port: number): string => `${name}://127.0.0.1:${port}`
      const start = (): Promise<KafkaServer> =>
        startKafka({
          folder,
          port: plain,
          listeners: [{ name: 'BEHIND', port: behind, protocol: 'PLAINTEXT' }],
          settings: [`advertised.listeners=${address('PLAINTEXT', plain)},${address('BEHIND', proxy.port)}`],
        })
      let server = await start()
      onEnd(() => server.stop())
      const ground = await openKafkaGround(server.brokers)
      onEnd(() => ground.close())
      const killBroker = async (): Promise<void> => {
        process.kill(server.pid, 'SIGKILL')
        await server.exited
        server = await start()
      }
      await expectSurvival(
        { client: database(), ground, proxy, onEnd, killBroker },
        { configuration: { brokers: [`127.0.0.1:${proxy.port}`] } },
      )
    })
  })
})

/** Cleans up when the test is over; the global one does not know which of several it is. */
type OnEnd = (cleanUp: () => Promise<void> | void) => void

async function openQueues(url: string, onEnd: OnEnd): Promise<KillGround> {
  const ground = await openPgqueueGround(url)
  onEnd(() => ground.close())
  return ground
}

/** The same database by way of a proxy. */
async function openProxied(
  databaseUrl: string,
  onEnd: OnEnd,
): Promise<{ readonly proxy: LossyProxy; readonly url: string }> {
  const url = new URL(databaseUrl)
  const proxy = await openProxy(Number(url.port), onEnd)
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}

async function openProxy(port: number, onEnd: OnEnd): Promise<LossyProxy> {
  const proxy = await startLossyProxy(() => port)
  onEnd(() => proxy.close())
  return proxy
}

interface Scene {
  readonly client: TestDatabase
  readonly ground: KillGround
  readonly proxy: LossyProxy
  readonly onEnd: OnEnd
  /** Kills the broker and starts it again. */
  readonly killBroker?: () => Promise<void>
}

/** One redrive while the network is cut and answers are swallowed at seeded moments. */
async function expectSurvival({ client, ground, proxy, onEnd, killBroker }: Scene, twist: EngineTwist): Promise<void> {
  const { database: ledger } = client
  await ledger.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
  const setting = { client, databaseUrl: client.url, ground, kind: 'redrive' as const }
  const episode = await beginEpisode({ ...setting, messageCount: MESSAGES, keyCount: 100, ratePerSecond: 250 })
  onEnd(() => episode.end())
  const engine = await episode.spawn(twist)
  engine.begin()
  const operationId = await episode.ask()
  await episode.start(operationId)
  const random = seededRandom(SEED)
  for (let troubled = 0; troubled < TROUBLES; troubled += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50 + random() * 250))
    const isKill = troubled % Math.ceil(TROUBLES / BROKER_KILLS) === 1
    if (isKill && killBroker !== undefined) await killBroker()
    else if (random() < 0.5) proxy.cut()
    else proxy.loseAnswers(1 + Math.floor(random() * 3))
    if ((await readOperation(ledger, operationId))?.state === 'completed') break
  }
  proxy.loseAnswers(0)
  const { view, leftAtSource, markedDuplicates, ...damage } = await episode.judge(operationId)
  expect(damage).toEqual({ lost: [], altered: [], unmarkedDuplicates: 0, inversions: 0, strangers: [] })
  expect([view.operation.state, view.operation.stateReason]).toEqual(['completed', null])
  expect(view.counts.confirmed).toBe(MESSAGES)
  expect(isConserved(view.operation.itemCount, view.counts)).toBe(true)
  expect(markedDuplicates).toBeLessThanOrEqual(view.counts.repeatedSends)
  expect(leftAtSource).toBe(ground.isEmptied ? 0 : MESSAGES)
  expect(proxy.lost()).toBeGreaterThan(0)
}
