import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { processCommandLine } from '../process-command-line.ts'
import { startInstance } from '../run-instance.ts'
import { canRunKafka } from './kafka-installation.ts'
import { startKafka } from './kafka.ts'

async function withAdmin<Result>(brokers: string, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [brokers], retryDelay: 100 })
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

test('a Kafka that is killed comes back as the same cluster with its topics, on other ports', async (context) => {
  const runnable = canRunKafka()
  context.skip(!runnable.ok, runnable.ok ? '' : runnable.reason)
  const folder = mkdtempSync(join(tmpdir(), 'throughline-kafka-'))
  try {
    const first = await startKafka({ folder, port: await findFreePort(0) })
    await withAdmin(first.brokers, (admin) => admin.createTopics({ topics: ['kept'], partitions: 1, replicas: 1 }))
    process.kill(first.pid, 'SIGKILL')
    expect(await first.exited).toBe('signal SIGKILL')

    const second = await startKafka({ folder, port: await findFreePort(0) })
    expect(second.clusterId).toBe(first.clusterId)
    expect(await withAdmin(second.brokers, (admin) => admin.listTopics())).toEqual(['kept'])
    await second.stop()
    expect(processCommandLine(second.pid)).toBeNull()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('with KAFKA_BROKERS your own Kafka is read, and nothing of it is started or made', async (context) => {
  const runnable = canRunKafka()
  context.skip(!runnable.ok, runnable.ok ? '' : runnable.reason)
  const folder = mkdtempSync(join(tmpdir(), 'throughline-own-kafka-'))
  const kafka = await startKafka({ folder: join(folder, 'kafka'), port: await findFreePort(0) })
  try {
    await withAdmin(kafka.brokers, (admin) => admin.createTopics({ topics: ['mine'], partitions: 1, replicas: 1 }))
    const environment = { KAFKA_BROKERS: kafka.brokers }
    const instance = await startInstance({ folder: join(folder, 'data'), args: ['--no-demo'], environment })
    try {
      expect(instance.state.broker).toMatchObject({ kind: 'kafka', brokers: [kafka.brokers] })
      expect(Object.keys(instance.state.pids).toSorted()).toEqual(['collector', 'database', 'web'])
      const seen = () => readDestinations(instance.state.databaseUrl)
      await vi.waitFor(async () => expect(await seen()).toContain('mine'), { timeout: 90_000, interval: 200 })
    } finally {
      await instance.stop()
    }
    expect(await withAdmin(kafka.brokers, (admin) => admin.listTopics())).toEqual(['mine'])
  } finally {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

async function readDestinations(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<{ name: string }>('select name from destination')).rows.map(({ name }) => name)
  } finally {
    await client.end()
  }
}
