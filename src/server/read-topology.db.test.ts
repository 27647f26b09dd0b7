import { beforeAll, expect, test } from 'vitest'
import { cluster, destination, groupLag } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { readTopology, type TopologyAnswer } from '#server/read-topology.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'
import type { TelemetryReader, TelemetryWindow } from '#telemetry-store/telemetry-store.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12, 0, 4)
const asked: TelemetryWindow[] = []
const telemetry: TelemetryReader = {
  ...knownNothing,
  readEdges: (window) => {
    asked.push(window)
    const none = { fromService: null, consumerGroup: null, sentCount: 0, receivedCount: 0, errorCount: 0 }
    const sketches = { dwell: new Map(), processing: new Map() }
    const edges = [
      { ...none, ...sketches, service: 'checkout', destination: 'orders', sentCount: 600 },
      { ...none, ...sketches, service: 'mailer', destination: 'orders.mail', receivedCount: 300 },
    ]
    return Promise.resolve({ edges, bucketMs: 10_000 })
  },
}

beforeAll(async () => {
  const { database: db } = database()
  await db.insert(cluster).values([
    { id: 'q1', kind: 'pgqueue', name: 'Queues', configuration: {} },
    { id: 'gone', kind: 'pgqueue', name: 'Gone', configuration: {}, removedAt: new Date(NOW_MS) },
  ])
  const place = { kind: 'queue' as const, lanes: [''], seenAt: new Date(NOW_MS) }
  await db.insert(destination).values([
    { ...place, clusterId: 'q1', name: 'orders.mail', settings: { subscribedTo: 'orders, returns' } },
    {
      ...place,
      clusterId: 'q1',
      name: 'mail.dead',
      settings: {},
      deadLetterFoundBy: 'setting',
      deadLetterOrigin: 'orders.mail',
    },
    { ...place, clusterId: 'q1', name: 'found.dead', settings: {}, deadLetterFoundBy: 'name' },
    { ...place, clusterId: 'gone', name: 'old.dead', settings: {}, deadLetterFoundBy: 'name' },
  ])
  await db.insert(groupLag).values({
    clusterId: 'q1',
    groupName: 'orders.mail',
    destination: 'orders.mail',
    state: 'LAGGING',
    sentence: '40 wait',
    lagMessages: 40,
    lostMessages: 0,
    lanes: [],
    stateSince: new Date(NOW_MS),
    asOf: new Date(NOW_MS),
  })
  const letter = (index: number, over: Partial<typeof deadLetter.$inferInsert>) => ({
    clusterId: 'q1',
    destination: 'mail.dead',
    position: String(index),
    deadAt: new Date(NOW_MS),
    dialect: 'pg-boss',
    fingerprint: 'f',
    fingerprintTitle: 'Timeout',
    headers: [],
    payloadBytes: 0,
    ...over,
  })
  await db
    .insert(deadLetter)
    .values([
      letter(1, { expiresAt: new Date(NOW_MS + 5_000) }),
      letter(2, {}),
      letter(3, { state: 'redriven' }),
      letter(4, { destination: 'found.dead', originDestination: 'returns' }),
      letter(5, { destination: 'old.dead', clusterId: 'gone' }),
    ])
})

const read = (endMs: number | null): Promise<TopologyAnswer> => {
  const web = openTestWeb(database().database, telemetry)
  web.setNowMs(NOW_MS)
  return readTopology(web.runtime, { windowMs: 300_000, endMs })
}
const nodeOf = (answer: TopologyAnswer, name: string) => answer.nodes.find((node) => node.name === name)

test('spans, groups, routes and dead letters make one picture of now', async () => {
  const answer = await read(null)
  expect(answer.edges.map((edge) => `${edge.fromId} ${edge.kind} ${edge.toId}`)).toEqual([
    'destination:orders.mail dead-letters destination:mail.dead',
    'destination:returns dead-letters destination:found.dead',
    'destination:orders.mail receives service:mailer',
    'destination:orders routes destination:orders.mail',
    'destination:returns routes destination:orders.mail',
    'service:checkout sends destination:orders',
  ])
  expect(nodeOf(answer, 'mailer')).toMatchObject({ lagState: 'LAGGING', lagMessages: 40, receivedPerSecond: 1 })
  expect(nodeOf(answer, 'mail.dead')).toMatchObject({ openDeadLetterCount: 2, soonestExpiryAtMs: NOW_MS + 5_000 })
  expect(nodeOf(answer, 'orders.mail')).toMatchObject({ openDeadLetterCount: 2 })
  expect(nodeOf(answer, 'old.dead')).toBeUndefined()
})

test('rates cover whole buckets, so that one that is still filling does not lower them', async () => {
  const answer = await read(null)
  expect([answer.fromMs % 10_000, answer.toMs % 10_000, answer.toMs - answer.fromMs]).toEqual([0, 0, 300_000])
  expect(NOW_MS - answer.toMs).toBeGreaterThan(4_000)
  expect(asked.at(-1)).toEqual({ fromUs: answer.fromMs * 1000, toUs: answer.toMs * 1000 })
})

test('a window in the past has the same structure, and its lag and dead letters are unknown', async () => {
  const now = await read(null)
  const past = await read(NOW_MS - 7_200_000)
  expect(past.isPresent).toBe(false)
  expect(past.edges.map((edge) => edge.id)).toEqual(now.edges.map((edge) => edge.id))
  expect(nodeOf(past, 'mailer')).toMatchObject({ lagState: 'UNKNOWN', lagMessages: null, receivedPerSecond: 1 })
  expect(nodeOf(past, 'mail.dead')).toMatchObject({ openDeadLetterCount: null, soonestExpiryAtMs: null })
})
