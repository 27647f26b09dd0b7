import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { planDiscard } from '#commands/dead-letter/plan-discard.ts'
import { restoreDiscarded } from '#commands/dead-letter/restore.ts'
import { startOperation } from '#commands/operation/start.ts'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { OPERATOR, redriveAsPerson, seedDeadLetters, startTestEngine, waitForState } from '#engine/engine-fixture.ts'
import { checkCopies } from '#engine/kill-suite/check-copies.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import { readAll, readFoundCopies, seedPlace, type KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { openRabbitmqGround } from '#engine/kill-suite/rabbitmq-ground.ts'
import { openSqsGround } from '#engine/kill-suite/sqs-ground.ts'

const database = useTestDatabase()
const kafkaBrokers = inject('kafkaBrokers')
const rabbitmq = inject('rabbitmq')
const sqsEndpoint = inject('sqsEndpoint')
const COUNT = 300

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
})

describe.skipIf(kafkaBrokers === null)('on Kafka', () => {
  describeDiscards(() => openKafkaGround(kafkaBrokers ?? ''))
})
describe.skipIf(rabbitmq === null)('on RabbitMQ', () => {
  describeDiscards(() => openRabbitmqGround(rabbitmq ?? { address: '', managementUrl: '', username: '', password: '' }))
})
describe.skipIf(sqsEndpoint === null)('on SQS', () => {
  describeDiscards(() => openSqsGround(sqsEndpoint ?? ''))
})
describe('on Postgres queues', () => {
  describeDiscards(() => openPgqueueGround(database().url))
})

function describeDiscards(open: () => Promise<KillGround & { close(): Promise<void> }>): void {
  let ground: KillGround & { close(): Promise<void> }
  beforeAll(async () => {
    ground = await open()
  })
  afterAll(() => ground.close())

  test('what is discarded is kept byte for byte: restored and redriven, every message arrives as it was', async () => {
    const place = await seedPlace(ground, COUNT, 20)
    const fingerprint = randomUUID()
    const as = { database: database().database, actor: OPERATOR }
    await seedDeadLetters(as.database, { clusterId: 'k', destination: place.source, fingerprint }, place.letters)
    const engine = startTestEngine({ client: database(), broker: ground.broker })
    try {
      const wish = { clusterId: 'k', source: place.source }
      const { operationId } = await planDiscard(as, {
        ...wish,
        requestKey: randomUUID(),
        selection: { fingerprint },
        reason: 'test orders',
      })
      const { operation } = await waitForState(as.database, operationId, ['planned'])
      await startOperation(as, { operationId, manifestHash: operation.manifestHash ?? '' })
      const { counts } = await waitForState(as.database, operationId, ['completed'])
      expect(counts).toMatchObject({ confirmed: COUNT, failed: 0 })
      expect(await readAll(ground.broker, place.source)).toHaveLength(ground.isEmptied ? 0 : COUNT)
      expect(await readAll(ground.broker, place.origin)).toEqual([])

      await restoreDiscarded(as, { operationId, reason: 'they were real' })
      const redrive = await redriveAsPerson(as.database, { ...wish, fingerprint })
      await waitForState(as.database, redrive, ['completed'])
      const copies = await readFoundCopies(ground, place.origin)
      expect(checkCopies(place.expected, copies)).toMatchObject({
        lost: [],
        altered: [],
        strangers: [],
        unmarkedDuplicates: 0,
        inversions: 0,
      })
    } finally {
      await engine.stop()
    }
  })
}
