import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { processCommandLine } from '../process-command-line.ts'
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
