import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Broker, ConsumerGroup, LagSnapshot, LaneLag } from '#brokers/broker.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import { createMemoryLog } from '#brokers/memory/memory-log.ts'
import type { ClusterView } from '#collector/poll/cluster-view.ts'
import { createLagHistory } from '#collector/poll/lag-history.ts'
import { pollLag } from '#collector/poll/poll-lag.ts'
import { createPhantomProbe } from '#collector/poll/phantom-probe.ts'
import { openVerdictBook } from '#collector/poll/verdict-book.ts'
import { consumerEvent, groupLag } from '#db/schema/cluster.ts'
import { claimAction, endAction, insertConsumerAction } from '#db/store/consumer-action-store.ts'
import { markGroupsUnknown } from '#db/store/lag-store.ts'
import { insertPause, listPausesInForce, type StoredPause, writePauseVerdict } from '#db/store/pause-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const STEP_MS = 5_000
const START_MS = Date.UTC(2026, 0, 5, 12)
const memory = openMemoryBroker('k', createMemoryLog())

const lane = (group: string, part: Partial<LaneLag> = {}): LaneLag => ({
  group,
  destination: 'orders',
  lane: '0',
  committed: 5,
  start: 0,
  end: 5,
  oldestAgeMs: null,
  ...part,
})
const group = (name: string, part: Partial<ConsumerGroup> = {}): ConsumerGroup => ({
  name,
  state: 'stable' as const,
  protocol: 'consumer',
  members: [],
  destinations: ['orders'],
  ...part,
})

/** One cluster that is polled with the answers that a test gives. */
function openPolls(
  clusterId: string,
  groups: readonly ConsumerGroup[],
  pauses: () => Promise<readonly StoredPause[]> = async () => [],
) {
  const view: ClusterView = {
    groups: new Map(groups.map((one) => [one.name, one])),
    destinations: new Map(),
    rebalancingSinceMs: new Map(),
  }
  const [history, book, phantoms] = [createLagHistory([]), openVerdictBook([]), createPhantomProbe()]
  let poll = 0
  return async (answer: Partial<LagSnapshot>) => {
    const endAtMs = START_MS + poll * STEP_MS
    const broker: Broker = {
      ...memory,
      clusterId,
      lag: {
        progress: 'commits',
        ageSource: 'history',
        read: async () => ({
          committedAtMs: endAtMs,
          endAtMs,
          lanes: [],
          blind: [],
          groupsMissingBecause: null,
          unreadable: [],
          ...answer,
        }),
      },
    }
    const { database } = current()
    const result = await pollLag(
      { database, broker, history, book, view, phantoms, rules: 'mended', pauses: await pauses() },
      poll++ * STEP_MS,
      AbortSignal.timeout(20_000),
    )
    const rows = await database
      .select()
      .from(groupLag)
      .where(eq(groupLag.clusterId, clusterId))
      .orderBy(groupLag.groupName)
    return { result, rows: rows.map(({ groupName, state, sentence }) => ({ group: groupName, state, sentence })) }
  }
}

test('a topic that may not be seen is unknown with the reason, and the other groups are judged', async () => {
  const poll = openPolls('hidden', [group('blind'), group('seeing')])
  const blind = [{ group: 'blind', destination: 'secret', lane: null, reason: 'it is hidden from this user' }]
  expect((await poll({ lanes: [lane('seeing')], blind })).rows).toEqual([
    { group: 'blind', state: 'UNKNOWN', sentence: 'Not known: it is hidden from this user.' },
    { group: 'seeing', state: 'OK', sentence: 'Caught up.' },
  ])
})

test('half an answer: the lane without an end is unknown, not caught up, and says why', async () => {
  const poll = openPolls('half', [group('g')])
  await poll({ lanes: [lane('g'), lane('g', { lane: '1' })] })
  const blind = [{ group: 'g', destination: 'orders', lane: '1', reason: 'it has no leader' }]
  expect((await poll({ lanes: [lane('g')], blind })).rows).toMatchObject([
    { state: 'UNKNOWN', sentence: '1 of 2 lanes are not known: it has no leader; on the others 0 messages behind.' },
  ])
  expect((await poll({ lanes: [lane('g'), lane('g', { lane: '1' })] })).rows).toMatchObject([{ state: 'OK' }])
})

test('a coordinator that is silent hides its groups: they are unknown, not deleted', async () => {
  const poll = openPolls('silent', [group('g'), group('other')])
  await poll({ lanes: [lane('g'), lane('other')] })
  for (let round = 0; round < 3; round += 1) {
    expect((await poll({ lanes: [lane('other')], groupsMissingBecause: 'broker 2 timed out' })).rows).toMatchObject([
      { group: 'g', state: 'UNKNOWN', sentence: 'Not known: broker 2 timed out.' },
      { group: 'other', state: 'OK' },
    ])
  }
})

test('a group that is deleted goes after two looks, and its end is on record', async () => {
  const poll = openPolls('deleted', [group('g')])
  await poll({ lanes: [lane('g')] })
  expect((await poll({})).rows).toHaveLength(1)
  expect((await poll({})).rows).toEqual([])
  const events = await current()
    .database.select()
    .from(consumerEvent)
    .where(and(eq(consumerEvent.clusterId, 'deleted'), eq(consumerEvent.groupName, 'g')))
    .orderBy(consumerEvent.id)
  expect(events).toMatchObject([
    { kind: 'state', state: 'OK' },
    { kind: 'gone', state: null },
  ])
})

test('a group of another protocol and one of 5,000 members are judged like any other', async () => {
  const assignments = [{ destination: 'orders', lanes: ['0'] }]
  const members = Array.from({ length: 5_000 }, (_, id) => ({ id: `m${id}`, clientId: null, host: null, assignments }))
  const poll = openPolls('crowd', [
    group('connect', { protocol: 'connect', members: [{ id: 'w', clientId: null, host: null, assignments: [] }] }),
    group('crowd', { members }),
    group('share', { protocol: 'share', members: null, state: 'unknown' }),
  ])
  const lanes = ['connect', 'crowd', 'share'].map((name) => lane(name, { committed: 1 }))
  for (let round = 0; round < 20; round += 1) await poll({ lanes })
  const { rows } = await poll({ lanes })
  expect(rows.map(({ state }) => state)).toEqual(['STALLED', 'STALLED', 'STOPPED'])
  expect(rows[1]!.sentence).toContain('5,000 members connected')
})

test('a broker that does not answer leaves nothing that looks like a state', async () => {
  const poll = openPolls('away', [group('g')])
  await poll({ lanes: [lane('g')] })
  await markGroupsUnknown(current().database, 'away', 'no answer within 15 s')
  const [row] = await current().database.select().from(groupLag).where(eq(groupLag.clusterId, 'away'))
  expect(row).toMatchObject({ state: 'UNKNOWN', sentence: 'Not known: no answer within 15 s.', lagMessages: null })
})

test('a group that was set back on purpose says who did it and why; one that went back by itself does not', async () => {
  const poll = openPolls('set-back', [group('asked'), group('fell')])
  const at = (committed: number, end: number) => ({
    lanes: ['asked', 'fell'].map((name) => lane(name, { committed, end })),
  })
  for (let round = 0; round < 40; round += 1) await poll(at(round * 10, round * 10 + 5))
  const { row } = await insertConsumerAction(current().database, randomUUID(), {
    requestKey: randomUUID(),
    kind: 'reset-offsets',
    clusterId: 'set-back',
    subject: 'asked',
    destination: 'orders',
    plan: {
      group: 'asked',
      destination: 'orders',
      target: { kind: 'earliest' },
      lanes: [],
      activity: { isInactive: true, state: 'empty', memberCount: 0, refusedBecause: null },
      isApproximate: false,
      readAtMs: 0,
    },
    state: 'asked',
    reason: 'double posting',
    actorId: 'p1',
    actorName: 'Ada',
  })
  const claimed = await claimAction(current().database, 10_000)
  expect(await endAction(current().database, claimed!, { state: 'done', outcome: 'Done.' })).toBe(true)
  expect(claimed?.id).toBe(row.id)
  const { rows } = await poll(at(100, 405))
  expect(rows.map(({ state }) => state)).toEqual(['REWOUND', 'REWOUND'])
  expect(rows[0]!.sentence).toContain('on purpose (reset to the beginning by Ada: double posting)')
  expect(rows[1]!.sentence).not.toContain('on purpose')
})

test('a group that stands still because it was asked to is paused, with who and why; one that does not heed it shows what it is', async () => {
  const { database } = current()
  const inForce = () => listPausesInForce(database, 'paused')
  const poll = openPolls('paused', [group('g')], inForce)
  const wish = {
    clusterId: 'paused',
    group: 'g',
    kind: 'cooperative',
    reason: 'stocktaking',
    askedByName: 'Olga',
  } as const
  await poll({ lanes: [lane('g', { committed: 4 })] })
  await poll({ lanes: [lane('g', { committed: 5, end: 9 })] })
  const id = await insertPause(database, { ...wish, forMs: 600_000 })
  const { rows } = await poll({ lanes: [lane('g', { end: 9 })] })
  expect(rows).toMatchObject([{ state: 'PAUSED' }])
  expect(rows[0]!.sentence).toMatch(/^Paused: by Olga until \d\d:\d\d UTC, “stocktaking”; 4 messages behind/)
  expect(await inForce()).toMatchObject([
    { id, positionMovedAtMs: START_MS + STEP_MS, positionReadAtMs: START_MS + 2 * STEP_MS },
  ])
  await writePauseVerdict(database, id, { standing: 'not-obeyed', isAlert: true, sentence: 'Somebody takes messages.' })
  expect((await poll({ lanes: [lane('g', { committed: 6, end: 10 })] })).rows[0]!.state).not.toBe('PAUSED')
})

test('a group that is slowed down is not called paused', async () => {
  const { database } = current()
  const poll = openPolls('slow', [group('g')], () => listPausesInForce(database, 'slow'))
  const wish = {
    clusterId: 'slow',
    group: 'g',
    kind: 'throttle',
    reason: 'spare the bank',
    askedByName: 'Olga',
  } as const
  await insertPause(database, { ...wish, forMs: 600_000 })
  expect((await poll({ lanes: [lane('g')] })).rows).toMatchObject([{ state: 'OK' }])
})
