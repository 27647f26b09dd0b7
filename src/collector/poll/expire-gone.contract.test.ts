import { randomUUID } from 'node:crypto'
import { Admin, Producer } from '@platformatic/kafka'
import { eq } from 'drizzle-orm'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { describe, expect, inject, test } from 'vitest'
import type { Broker, DeadLetterPlace } from '#brokers/broker.ts'
import { openBroker } from '#brokers/registry.ts'
import { indexDeadLetters } from '#collector/poll/index-dead-letters.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { acquireLease } from '#db/store/lease-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const signal = () => AbortSignal.timeout(60_000)

/** One look at a place, as the poll does it every few seconds. */
async function look(broker: Broker, destination: string): Promise<void> {
  const lease = await acquireLease(current().database, randomUUID(), 'me', 600_000)
  if (lease === null) throw new Error('the lease is taken')
  const found: Omit<DeadLetterPlace, 'destination'> = {
    foundBy: 'hand',
    evidence: 'the test',
    originDestination: 'orders',
    consumerGroup: null,
    retentionMs: null,
  }
  const { reasons } = await indexDeadLetters(current().database, broker, lease, [{ ...found, destination }], signal())
  expect(reasons).toEqual([])
}

const statesOf = async (destination: string) => {
  const rows = await current()
    .database.select({ position: deadLetter.position, state: deadLetter.state })
    .from(deadLetter)
    .where(eq(deadLetter.destination, destination))
    .orderBy(deadLetter.id)
  return rows.map(({ state }) => state)
}

const kafkaBrokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')

describe.skipIf(kafkaBrokers === null)(`Kafka${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  test('dead letters expire when the low watermark of their partition passes them, and only those', async () => {
    const address = kafkaBrokers ?? '127.0.0.1:1'
    const client = { clientId: 'expiry', bootstrapBrokers: [address], retryDelay: 100 }
    const admin = new Admin(client)
    const producer = new Producer({ ...client, idempotent: true, retries: 5 })
    const topic = `orders-dlq-${randomUUID()}`
    const broker = await openBroker({
      clusterId: 'kafka',
      kind: 'kafka',
      configuration: { brokers: [address] },
      secret: null,
    })
    try {
      await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
      const messages = Array.from({ length: 10 }, (_, at) => ({
        topic,
        partition: at % 2,
        value: Buffer.from(`{"at":${at}}`),
      }))
      await producer.send({ messages })
      await look(broker, topic)
      expect(await statesOf(topic)).toEqual(Array.from({ length: 10 }, () => 'open'))
      await current().database.update(deadLetter).set({ state: 'redriven' }).where(eq(deadLetter.position, '0@0'))
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 3n }] }] })
      await look(broker, topic)
      const rows = await current()
        .database.select({ position: deadLetter.position, state: deadLetter.state })
        .from(deadLetter)
        .where(eq(deadLetter.destination, topic))
      expect(Object.fromEntries(rows.map(({ position, state }) => [position, state]))).toEqual({
        '0@0': 'redriven',
        '0@1': 'expired',
        '0@2': 'expired',
        '0@3': 'open',
        '0@4': 'open',
        '1@0': 'open',
        '1@1': 'open',
        '1@2': 'open',
        '1@3': 'open',
        '1@4': 'open',
      })
    } finally {
      await Promise.all([broker.close(), producer.close(), admin.close()])
    }
  })
})

describe('Postgres queues', () => {
  test('dead letters expire when their retention is over and the queue lets go of them, and only those', async () => {
    const databaseName = `test_expiry_${randomUUID().replaceAll('-', '')}`
    const administrate = async (statement: string) => {
      const client = new pg.Client({ connectionString: inject('postgresUrl') })
      await client.connect()
      await client.query(statement)
      await client.end()
    }
    await administrate(`create database ${databaseName}`)
    const url = inject('postgresUrl').replace(/postgres$/, databaseName)
    const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 4 })
    const direct = new pg.Client({ connectionString: url })
    await direct.connect()
    try {
      await boss.start()
      const queue = 'orders.dead'
      await boss.createQueue(queue)
      for (let at = 0; at < 4; at += 1) await boss.send(queue, { at })
      const broker = await openBroker({
        clusterId: 'pgqueue',
        kind: 'pgqueue',
        configuration: { schema: 'pgboss' },
        secret: { url },
      })
      await look(broker, queue)
      expect(await statesOf(queue)).toEqual(['open', 'open', 'open', 'open'])
      // What pg-boss itself does with jobs whose retention is over: here it is over for two of them.
      await direct.query(`update pgboss.job set keep_until = now() - interval '1 hour' where (data ->> 'at')::int < 2`)
      await boss.supervise(queue)
      await look(broker, queue)
      expect((await statesOf(queue)).toSorted()).toEqual(['expired', 'expired', 'open', 'open'])
      await broker.close()
    } finally {
      await boss.stop({ graceful: false })
      await direct.end()
      await administrate(`drop database if exists ${databaseName} with (force)`)
    }
  })
})
