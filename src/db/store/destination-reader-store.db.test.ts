import { beforeAll, expect, test } from 'vitest'
import { cluster, consumerGroup, destination, groupLag, lagSample } from '#db/schema/cluster.ts'
import { addLaneHistory, listDestinationReaders } from '#db/store/destination-reader-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12)
const at = (ms: number) => new Date(NOW_MS - ms)

beforeAll(async () => {
  const { database: db } = database()
  const place = { clusterId: 'k1', kind: 'topic' as const, lanes: ['0'], settings: {}, seenAt: at(0) }
  await db.insert(cluster).values([
    { id: 'k1', kind: 'kafka', name: 'k1', configuration: {} },
    { id: 'old', kind: 'kafka', name: 'old', configuration: {}, removedAt: at(0) },
  ])
  await db.insert(destination).values([
    { ...place, name: 'payments' },
    { ...place, name: 'payments', clusterId: 'old' },
    { ...place, name: 'payments.email', kind: 'queue', settings: { subscribedTo: 'payments, refunds' } },
    { ...place, name: 'payments.DLT', deadLetterFoundBy: 'name' },
    { ...place, name: 'orders', goneAt: at(0) },
  ])
  const verdict = { clusterId: 'k1', state: 'OK', sentence: '', lostMessages: 0, stateSince: at(0), asOf: at(3_000) }
  const lanes = [{ lane: '0', committed: 5, start: 1, end: 9, timeBehindMs: 4, timeBehindErrorMs: 1 }]
  await db.insert(groupLag).values([
    { ...verdict, groupName: 'shipping', destination: 'payments', lanes },
    { ...verdict, groupName: 'gone', destination: 'payments', lanes },
    { ...verdict, groupName: 'payments.email', destination: 'payments.email', lanes },
    { ...verdict, groupName: 'undertaker', destination: 'payments.DLT', lanes },
    { ...verdict, groupName: 'x', destination: 'orders', lanes },
  ])
  const group = { clusterId: 'k1', state: 'stable', seenAt: at(0) }
  const member = (name: string) => ({
    id: 'm',
    clientId: `${name}-1`,
    host: '/10.0.0.1',
    assignments: [{ destination: 'payments', lanes: ['0'] }],
  })
  await db.insert(consumerGroup).values([
    { ...group, name: 'shipping', members: [member('shipping')] },
    { ...group, name: 'newcomer', members: [member('newcomer')] },
    { ...group, name: 'gone', members: [], goneAt: at(0) },
  ])
  const sample = { clusterId: 'k1', groupName: 'shipping', destination: 'payments', lane: '0', startPosition: 0 }
  await db.insert(lagSample).values(
    [7_200_000, 3_600_000, 3_000_000, 60_000, 1_000].map((ms, index) => ({
      ...sample,
      at: at(ms),
      committed: index,
      endPosition: index,
    })),
  )
})

test('groups with a position, with assigned members and with a queue of copies are expected; gone ones are not', async () => {
  const readers = await listDestinationReaders(database().database, ['payments'])
  expect(readers.map(({ clusterId, group, destination: place }) => [clusterId, group, place])).toEqual([
    ['k1', 'newcomer', 'payments'],
    ['k1', 'shipping', 'payments'],
    ['k1', 'payments.email', 'payments.email'],
  ])
  expect(readers[0]).toMatchObject({ asOfMs: null, lanes: [], members: [{ clientId: 'newcomer-1' }] })
  expect(readers[1]).toMatchObject({ asOfMs: NOW_MS - 3_000, lanes: [{ committed: 5, end: 9 }] })
  expect(readers[2]).toMatchObject({ isQueue: true, sentTo: ['payments.email', 'payments', 'refunds'] })
})

test('a dead-letter place is read by nobody who is expected to', async () => {
  const readers = await listDestinationReaders(database().database, ['payments.DLT'])
  expect(readers).toMatchObject([{ group: 'undertaker', isExempt: true }])
})

test('null asks for every destination that still exists', async () => {
  expect((await listDestinationReaders(database().database, null)).map(({ group }) => group)).toHaveLength(4)
})

test('history comes from around the time in question and from the last minutes', async () => {
  const readers = await listDestinationReaders(database().database, ['payments'])
  const sentMs = NOW_MS - 3_610_000
  const [, shipping] = await addLaneHistory(
    database().database,
    readers,
    () => ({ fromMs: sentMs, toMs: sentMs }),
    NOW_MS,
  )
  expect(shipping?.lanes[0]?.samples.map(({ atMs }) => NOW_MS - atMs)).toEqual([3_600_000, 60_000, 1_000])
})
