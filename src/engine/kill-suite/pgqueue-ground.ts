import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { PgBoss } from 'pg-boss'
import { openBroker } from '#brokers/registry.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'

const BODY_BYTES = 500

/** Queues of pg-boss in the given database; dead letters are CloudEvents of about 1 kB. `close` ends what it opened. */
export async function openPgqueueGround(url: string): Promise<KillGround & { close(): Promise<void> }> {
  await withBoss(url, async () => undefined)
  const configuration = { schema: 'pgboss' }
  const secret = { url }
  const broker = await openBroker({ clusterId: 'k', kind: 'pgqueue', configuration, secret })
  return {
    kind: 'pgqueue',
    configuration,
    secret,
    broker,
    isEmptied: true,
    createPlace: async () => {
      const origin = `kill-${randomUUID().slice(0, 8)}`
      const source = `${origin}.dead`
      await withBoss(url, async (boss) => {
        await boss.createQueue(source)
        await boss.createQueue(origin, { deadLetter: source })
      })
      return { origin, source }
    },
    makeMessage: (source, id, key) => ({
      destination: source,
      lane: null,
      key: new TextEncoder().encode(key),
      // An extension attribute of the envelope is a header of the message.
      headers: [{ name: 'partitionkey', value: new TextEncoder().encode(key) }],
      payload: new TextEncoder().encode(
        JSON.stringify({
          specversion: '1.0',
          id,
          source: '/kill-suite',
          type: 'order.placed',
          partitionkey: key,
          data: { body: randomBytes(BODY_BYTES).toString('hex') },
        }),
      ),
      timestampMs: null,
      idempotencyId: randomUUID(),
    }),
    readIdentity: ({ payload }) => {
      const { id, data, partitionkey } = JSON.parse(new TextDecoder().decode(payload ?? undefined)) as {
        id: string
        data: { body: string }
        partitionkey: string
      }
      return { id, digest: createHash('sha256').update(`${partitionkey} ${data.body}`).digest('hex') }
    },
    close: () => broker.close(),
  }
}

/** Nothing of it stays connected: the server may be killed later. */
async function withBoss(url: string, act: (boss: PgBoss) => Promise<void>): Promise<void> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 2 })
  await boss.start()
  await act(boss)
  await boss.stop({ graceful: false })
}
