import { afterAll, beforeAll, expect, test } from 'vitest'
import { openJudgeRuntime } from '../../../bench/flow-truth/judge-capture.ts'
import { storeBrokerFacts } from '../../../bench/flow-truth/store-broker-facts.ts'
import type { TrueDeadLetter } from '../../../bench/flow-truth/read-truth.ts'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { place, send, take, tellStory, type Act } from '#collector/ingest/test-story.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { readWholeFlow } from '#server/read-flow.ts'

/**
 * Consumers of which no span came: sampled out, crashed before the export, or a batch listener that makes none. What the
 * broker knows (committed positions, dead letters) tells of them instead.
 */
const current = useTestDatabase()
const log = createLog('test', 'silent')
let ingest: Ingest

const letter: TrueDeadLetter = {
  destination: 'orders.DLT',
  position: '0@0',
  atMs: Date.now(),
  originDestination: 'orders',
  originPosition: '0@3',
  correlationId: 'order-dead',
  sender: null,
  error: 'card refused',
}

beforeAll(async () => {
  ingest = await startIngest({ pool: current().pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log })
  const nobody = { ids: [], messages: [] }
  await storeBrokerFacts(current().database, {
    startedMs: 0,
    endedMs: Date.now(),
    groups: [
      { group: 'payments', destination: 'orders', committed: new Map([['0', 5]]) },
      { group: 'audit', destination: 'orders', committed: new Map([['0', 3]]) },
      {
        group: 'invoices',
        destination: 'batches',
        committed: new Map([
          ['0', 9],
          ['1', 9],
        ]),
      },
    ],
    orders: [{ order: 'dead', ...nobody, deadLetter: letter }],
  })
  // The other group is behind: its end is where the broker says, not where it stands.
  await current().pool.query(`update group_lag set lanes = jsonb_set(lanes, '{0,end}', '5') where group_name = 'audit'`)
})
afterAll(() => ingest.stop())

async function read(id: string, acts: readonly Act[]) {
  await tellStory({ pool: current().pool, port: ingest.httpPort }, acts)
  return (await readWholeFlow(openJudgeRuntime(current(), Date.now() + 60_000), id)).flow
}
const named = (id: string) => ({ 'messaging.message.conversation_id': id })
const toldOf = (flow: Awaited<ReturnType<typeof read>>) =>
  Object.fromEntries(flow.deliveries.deliveries.map(({ group, kind }) => [group, kind]))

test('a producer that knows the place: one group has passed it untraced, the other has it before it', async () => {
  const flow = await read('order-1', [
    { id: 'a/s', service: 'checkout', at: 0, ...send('orders', { ...named('order-1'), ...place(0, 4) }) },
  ])
  expect(toldOf(flow)).toEqual({ payments: 'passed', audit: 'waiting' })
  expect(flow.deliveries.sentence).toBe('consumed by 0 of 2 groups')
})

test('only another group’s span knows the place: that is enough to tell of the silent one', async () => {
  const flow = await read('order-2', [
    { id: 'a/s', service: 'checkout', at: 0, ...send('orders', named('order-2')) },
    {
      id: 'a/r',
      parent: 'a/s',
      service: 'audit',
      at: 5,
      ...take('orders', { ...named('order-2'), ...place(0, 2), 'messaging.consumer.group.name': 'audit' }),
    },
  ])
  expect(toldOf(flow)).toEqual({ payments: 'passed', audit: 'taken' })
})

test('nobody knows the place, as with a batch listener without spans: every lane is past it, so it was passed', async () => {
  const flow = await read('order-3', [{ id: 'a/s', service: 'checkout', at: 0, ...send('batches', named('order-3')) }])
  expect(toldOf(flow)).toEqual({ invoices: 'passed' })
})

test('a message that died at a silent consumer is dead-lettered, by its dead letter alone', async () => {
  const flow = await read('order-dead', [
    { id: 'a/s', service: 'checkout', at: 0, ...send('orders', { ...named('order-dead'), ...place(0, 3) }) },
  ])
  expect(flow.summary.status).toBe('dead-lettered')
  expect(flow.deadLetters.map(({ destination, exceptionMessage }) => [destination, exceptionMessage])).toEqual([
    ['orders.DLT', 'card refused'],
  ])
})
