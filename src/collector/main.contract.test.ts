import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import { findFreePort } from '../../launcher/free-port.ts'
import { useTestDatabase } from '#db/test-database.ts'

const missing = inject('kafkaMissing')
const current = useTestDatabase()
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const eventually = { timeout: 40_000, interval: 250 }

let child: ChildProcess | null = null
let output = ''
afterEach(() => void child?.kill('SIGKILL'))

async function startCollector(environment: Record<string, string>): Promise<{ readonly control: string }> {
  const port = await findFreePort(0)
  output = ''
  child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      THROUGHLINE_SEAL_KEY: 'a seal key for tests, 32 bytes or more',
      THROUGHLINE_CONTROL_PORT: String(port),
      THROUGHLINE_OTLP_HTTP_PORT: '0',
      THROUGHLINE_OTLP_GRPC_PORT: '0',
      ...environment,
    },
  })
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { control: `http://127.0.0.1:${port}` }
}

const statusOf = async (url: string) => (await fetch(url)).status
const ask = async <Row>(text: string, values: unknown[] = []) =>
  (await current().pool.query(text, values)).rows as Row[]

async function stopCollector(): Promise<number | null> {
  if (child === null) throw new Error('no collector')
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = (await ended) as [number | null]
  return code
}

test('a collector without Postgres lives, waits, says so, and ends when asked to', async () => {
  const nowhere = await findFreePort(0)
  const { control } = await startCollector({ DATABASE_URL: `postgres://x:x@127.0.0.1:${nowhere}/x` })
  await vi.waitFor(async () => expect(await statusOf(`${control}/healthz`)).toBe(200), eventually)
  expect(await statusOf(`${control}/readyz`)).toBe(503)
  await vi.waitFor(() => expect(output).toContain('waiting for Postgres'), eventually)
  expect(await stopCollector()).toBe(0)
})

describe.skipIf(missing !== null)(
  `the collector on real Kafka${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('finds, judges and indexes what is there, keeps secrets sealed, and stops cleanly', async () => {
      const kafka = new Kafka({ brokers: [inject('kafkaBrokers') ?? ''], logLevel: logLevel.NOTHING })
      const admin = kafka.admin()
      const producer = kafka.producer()
      await Promise.all([admin.connect(), producer.connect()])
      await admin.createTopics({
        topics: [
          { topic: 'shop-orders', numPartitions: 3 },
          { topic: 'shop-orders-dlt', numPartitions: 1 },
        ],
        waitForLeaders: true,
      })
      const fixture = JSON.parse(
        readFileSync(new URL('../../fixtures/dead-letters/spring-kafka.json', import.meta.url), 'utf8'),
      ) as { topics: Record<string, { headers: { key: string; valueHex: string | null }[] }[]> }
      const headers = Object.fromEntries(
        fixture.topics['orders-dlt']![0]!.headers.filter(({ valueHex }) => valueHex !== null).map(
          ({ key, valueHex }) => [key, Buffer.from(valueHex!, 'hex')],
        ),
      )
      await producer.send({
        topic: 'shop-orders',
        messages: Array.from({ length: 30 }, (_, at) => ({ partition: at % 3, value: `order ${at}` })),
      })
      await producer.send({
        topic: 'shop-orders-dlt',
        messages: Array.from({ length: 7 }, () => ({ value: 'x', headers })),
      })
      await admin.setOffsets({
        groupId: 'shop-payments',
        topic: 'shop-orders',
        partitions: [0, 1, 2].map((partition) => ({ partition, offset: '4' })),
      })
      await Promise.all([admin.disconnect(), producer.disconnect()])

      const { control } = await startCollector({
        DATABASE_URL: current().url,
        THROUGHLINE_CLUSTERS: JSON.stringify([
          {
            id: 'real',
            kind: 'kafka',
            name: 'Real',
            configuration: { brokers: [inject('kafkaBrokers')] },
            secret: { password: 'hunter2-of-the-test' },
          },
        ]),
      })
      await vi.waitFor(async () => expect(await statusOf(`${control}/readyz`)).toBe(200), eventually)
      await vi.waitFor(async () => {
        // Other tests leave places on the same broker that cannot be read whole: none of those of this test is among them.
        const [cluster] = await ask<{ status: string; reason: string }>(
          `select status, coalesce(status_reason, '') as reason from cluster`,
        )
        expect(['connected', 'degraded']).toContain(cluster!.status)
        expect(cluster!.reason).not.toContain('shop-')
        expect(
          await ask(`select count(*)::int as count, min(fingerprint_title) as title, min(attempts) as attempts
                   from dead_letter where destination = 'shop-orders-dlt'`),
        ).toEqual([{ count: 7, title: 'Boom at t.App.fail', attempts: 4 }])
        expect(await ask(`select lag_messages::int as lag from group_lag where group_name = 'shop-payments'`)).toEqual([
          { lag: 18 },
        ])
      }, eventually)
      const [sealed] = await ask<{ text: string }>(`select encode(sealed_secret, 'escape') as text from cluster`)
      expect(sealed!.text).not.toContain('hunter2')
      expect(output).not.toContain('hunter2')
      await vi.waitFor(async () => {
        const kinds = await ask<{ kind: string }>(
          `select distinct kind from poll_cycle where outcome in ('ok', 'partial') order by kind`,
        )
        expect(kinds.map(({ kind }) => kind)).toEqual(['dead-letters', 'inventory', 'lag'])
      }, eventually)
      expect(await stopCollector()).toBe(0)
      expect(await ask('select name from lease where expires_at > now()')).toEqual([])
    })
  },
)
