import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { plainMessage } from '#brokers/contract-harness.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  consumeFromMemory,
  createMemoryDestination,
  createMemoryLog,
} from '#brokers/memory/memory-log.ts'
import { planReset } from '#collector/answer/plan-reset.ts'
import { insertConsumerAction } from '#db/store/consumer-action-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { ResetPlan, ResetTarget } from '#domain/reset/reset-plan.ts'

const current = useTestDatabase()
const log = createMemoryLog()
const memory = openMemoryBroker('m', log)
createMemoryDestination(log, 'orders', { lanes: 2 })
for (let at = 0; at < 10; at += 1) {
  appendToMemory(log, { ...plainMessage('orders', at), lane: String(at % 2), timestampMs: 1_000 * at })
}
consumeFromMemory(log, 'mail', 'orders', 8)

const plan = async (target: ResetTarget, lanes: readonly string[] | null = null, broker: Broker = memory) => {
  const question = { group: 'mail', destination: 'orders', target, lanes }
  const signal = AbortSignal.timeout(10_000)
  const answer = await planReset({ get: async () => broker }, current().database, 'm', question, signal)
  return answer['plan'] as ResetPlan
}

test('a dry run shows where each lane would go, by time also, and for the chosen lanes alone; nothing is changed', async () => {
  const before = await memory.offsets.read('mail', 'orders', AbortSignal.timeout(1_000))
  const byTime = await plan({ kind: 'time', atMs: 4_500 })
  expect(byTime).toMatchObject({ group: 'mail', activity: { isInactive: true, memberCount: 0 }, isApproximate: false })
  // Messages of 0, 2, 4, 6, 8 s lie on the first lane, the others on the second.
  expect(byTime.lanes.map(({ lane, from, to }) => [lane, from, to])).toEqual([
    ['0', 5, 3],
    ['1', 3, 2],
  ])
  expect((await plan({ kind: 'shift', by: -1 }, ['1'])).lanes).toMatchObject([
    { lane: '1', from: 3, to: 2, repeated: 1 },
  ])
  expect(await memory.offsets.read('mail', 'orders', AbortSignal.timeout(1_000))).toEqual(before)
})

test('an undo is shown for the lanes of its reset, from where they are now to where they were', async () => {
  const done = await plan({ kind: 'earliest' }, ['0'])
  const { row } = await insertConsumerAction(current().database, randomUUID(), {
    requestKey: randomUUID(),
    kind: 'reset-offsets',
    clusterId: 'm',
    subject: 'mail',
    destination: 'orders',
    plan: done,
    state: 'done',
    actorId: 'p1',
    actorName: 'Olga',
  })
  const undo = { kind: 'undo', resetId: row.id } as const
  expect((await plan(undo)).lanes).toMatchObject([{ lane: '0', from: 5, to: 5, movedOn: 5 }])
  await expect(plan({ kind: 'undo', resetId: randomUUID() })).rejects.toMatchObject({ code: 'not-found' })
})

test('a broker that keeps no positions says so; a lane that is not there is no lane', async () => {
  const { offsets: _, ...queues } = memory
  await expect(plan({ kind: 'earliest' }, null, queues)).rejects.toMatchObject({ code: 'unsupported' })
  await expect(plan({ kind: 'earliest' }, ['9'])).rejects.toMatchObject({ code: 'not-found' })
})
