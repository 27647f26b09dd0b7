import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { cluster, consumerGroup, groupLag, lagSample, pollCycle } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { operation, operationItem } from '#db/schema/operation.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { LagState } from '#domain/lag/lag-status.ts'
import { appRouter } from '#server/app-router.ts'
import { createCaller } from '#server/procedure.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12)
const OPERATION_ID = randomUUID()
const TRACE_ID = 'a'.repeat(32)
const HOUR_MS = 3_600_000

const openCaller = createCaller(appRouter)
type Asking = ReturnType<typeof openCaller>
let ask: Asking

const ago = (ms: number) => new Date(NOW_MS - ms)

function letter(index: number, over: Partial<typeof deadLetter.$inferInsert> = {}): typeof deadLetter.$inferInsert {
  return {
    clusterId: 'k1',
    destination: 'orders.DLT',
    position: `0@${index}`,
    deadAt: ago(index * 60_000),
    dialect: 'spring',
    originDestination: 'orders',
    consumerGroup: 'payments',
    fingerprint: '00000000000000aa',
    fingerprintTitle: 'CurrencyMismatch at settle',
    headers: [
      { n: 'retries', b: Buffer.from([0, 0, 0, 7]).toString('base64') },
      { n: 'note', t: 'hé' },
      { n: 'empty' },
    ],
    payload: Buffer.from('{"amount":12}'),
    payloadBytes: 13,
    messageKey: Buffer.from([0xff, 0x00]),
    ...over,
  }
}

function lag(
  group: string,
  state: LagState,
  over: Partial<typeof groupLag.$inferInsert> = {},
): typeof groupLag.$inferInsert {
  return {
    clusterId: 'k1',
    groupName: group,
    destination: 'orders',
    state,
    sentence: `${group} is ${state}`,
    lagMessages: 5,
    lostMessages: 0,
    lanes: [],
    stateSince: ago(60_000),
    asOf: ago(1_000),
    ...over,
  }
}

beforeAll(async () => {
  const { database: db } = database()
  await db.insert(cluster).values([
    { id: 'k1', kind: 'kafka', name: 'Orders', configuration: { bootstrap: 'k:9092' }, status: 'connected' },
    { id: 'k2', kind: 'kafka', name: 'Away', configuration: {}, status: 'unreachable', statusReason: 'refused' },
    { id: 'gone', kind: 'kafka', name: 'Gone', configuration: {}, removedAt: ago(0) },
  ])
  const cycle = { clusterId: 'k1', kind: 'lag' as const, durationMs: 20, itemCount: 3 }
  await db.insert(pollCycle).values([
    { ...cycle, startedAt: ago(9_000), outcome: 'failed' },
    { ...cycle, startedAt: ago(4_000), outcome: 'ok' },
  ])
  await db.insert(consumerGroup).values({
    clusterId: 'k1',
    name: 'payments',
    state: 'stable',
    members: [{ id: 'm1', clientId: null, host: null, assignments: [] }],
    seenAt: ago(0),
  })
  await db
    .insert(groupLag)
    .values([
      lag('payments', 'LAGGING', { timeBehindMs: 90_000, timeBehindErrorMs: 5_000 }),
      lag('mailer', 'STOPPED', { firstLossInMs: HOUR_MS, timeBehindMs: 30_000 }),
      lag('audit', 'OK', { timeBehindMs: 0 }),
    ])
  await db.insert(deadLetter).values([
    ...Array.from({ length: 120 }, (_, index) => letter(index)),
    letter(200, {
      fingerprint: '00000000000000bb',
      fingerprintTitle: 'Timeout_100%',
      destination: 'mail.DLT',
      expiresAt: new Date(NOW_MS + 600_000),
      correlationId: 'order-7',
      traceId: TRACE_ID,
      payload: Buffer.from([0xc3, 0x28]),
      payloadBytes: 2,
    }),
    letter(300, { state: 'redriven', fingerprint: '00000000000000cc', fingerprintTitle: 'Done' }),
  ])
  await db.insert(operation).values({
    id: OPERATION_ID,
    kind: 'redrive',
    state: 'running',
    clusterId: 'k1',
    source: 'orders.DLT',
    requestKey: randomUUID(),
    createdById: 'p',
    createdByName: 'Olga',
    reason: 'fixed in 1.2',
    selection: { fingerprint: '00000000000000aa', ids: null },
    itemCount: 5,
    ratePerSecond: 10,
    canarySize: 1,
  })
  const item = { operationId: OPERATION_ID, targetDestination: 'orders' }
  await db.insert(operationItem).values([
    { ...item, ordinal: 0, sourcePosition: '0@0', state: 'removed', outcome: 'processed', confirmedAt: ago(3_000) },
    {
      ...item,
      ordinal: 1,
      sourcePosition: '0@1',
      state: 'confirmed',
      confirmedAt: ago(2_000),
      claimedAt: ago(2_500),
      deadLetterId: 1,
      traceId: TRACE_ID,
      spanId: 'b'.repeat(16),
    },
    { ...item, ordinal: 2, sourcePosition: '0@2', state: 'pending' },
    { ...item, ordinal: 3, sourcePosition: '0@3', state: 'failed', reason: 'too large' },
    { ...item, ordinal: 4, sourcePosition: '0@4', state: 'pending' },
  ])
  const web = openTestWeb(db, knownNothing)
  web.setNowMs(NOW_MS)
  ask = openCaller({
    runtime: web.runtime,
    caller: {
      actor: { kind: 'person', id: 'p', name: 'Adam', role: 'admin' },
      login: 'adam',
      role: 'admin',
      mustChangePassword: false,
    },
    sessionHash: null,
    address: 'test',
    setSessionToken: () => undefined,
  })
})

test('failure groups count what is open, largest first, with where it lies and its latest operation', async () => {
  const { groups, totalCount, groupCount } = await ask.deadLetter.groups({})
  expect({ totalCount, groupCount }).toEqual({ totalCount: 121, groupCount: 2 })
  expect(groups).toMatchObject([
    {
      fingerprint: '00000000000000aa',
      title: 'CurrencyMismatch at settle',
      count: 120,
      firstAtMs: NOW_MS - 119 * 60_000,
      lastAtMs: NOW_MS,
      soonestExpiryAtMs: null,
      places: [{ clusterId: 'k1', destination: 'orders.DLT', count: 120 }],
      origins: ['orders'],
      consumerGroups: ['payments'],
      latestOperation: { id: OPERATION_ID, state: 'running' },
    },
    { fingerprint: '00000000000000bb', count: 1, soonestExpiryAtMs: NOW_MS + 600_000, latestOperation: null },
  ])
  const arrivals = groups[0]!.arrivals
  expect(arrivals.reduce((sum, { count }) => sum + count, 0)).toBe(120)
  expect(arrivals.map(({ atMs }) => atMs)).toEqual([NOW_MS - 2 * HOUR_MS, NOW_MS - HOUR_MS, NOW_MS])
})

test('failure groups are searched by title as it is written, wildcards included', async () => {
  expect((await ask.deadLetter.groups({ search: 'timeout_100%' })).groups).toHaveLength(1)
  expect((await ask.deadLetter.groups({ search: 'timeout%' })).groups).toEqual([])
  expect((await ask.deadLetter.groups({ state: 'redriven' })).groups).toMatchObject([{ title: 'Done' }])
  expect((await ask.deadLetter.groups({ clusterId: 'k2' })).groups).toEqual([])
})

test('pages of dead letters meet without a gap or an overlap', async () => {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Asking['deadLetter']['list']>> = await ask.deadLetter.list({
      fingerprint: '00000000000000aa',
      limit: 50,
      cursor,
    })
    ids.push(...page.deadLetters.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(new Set(ids).size).toBe(120)
  expect(ids).toHaveLength(120)
})

test('a cursor that was not given out is refused, not followed', async () => {
  await expect(ask.deadLetter.list({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test.each([['order-7'], [TRACE_ID], ['0@200']])('a dead letter is found by %s', async (search) => {
  expect((await ask.deadLetter.list({ search })).deadLetters).toMatchObject([{ position: '0@200' }])
})

test('a dead letter shows its headers, its flow and its redrives; its bytes are a question of their own', async () => {
  const [found] = (await ask.deadLetter.list({ search: '0@0' })).deadLetters
  const shown = await ask.deadLetter.get({ id: found!.id })
  expect(shown.headers).toEqual([
    { name: 'retries', kind: 'int32', text: '7' },
    { name: 'note', kind: 'text', text: 'hé' },
    { name: 'empty', kind: 'null', text: null },
  ])
  expect(shown).not.toHaveProperty('payload')
  const plain = { decoded: null, isShortened: false, isWithheld: false, maskedCount: 0 }
  expect(await ask.deadLetter.payload({ id: found!.id })).toEqual({
    key: { kind: 'binary', text: 'ff00', byteCount: 2, ...plain },
    payload: { kind: 'json', text: '{\n  "amount": 12\n}', byteCount: 13, ...plain },
    isPayloadCut: false,
  })
  const [mail] = (await ask.deadLetter.list({ search: 'order-7' })).deadLetters
  expect(await ask.deadLetter.get({ id: mail!.id })).toMatchObject({ flowKey: 'order-7', redrives: [] })
  expect((await ask.deadLetter.payload({ id: mail!.id })).payload).toMatchObject({ kind: 'binary', text: 'c328' })
})

test('an operation is counted by state, and by what became of what was sent', async () => {
  const found = await ask.operation.get({ id: OPERATION_ID })
  expect(found.progress).toEqual({
    itemStates: { pending: 2, claimed: 0, confirmed: 1, removed: 1, failed: 1, skipped: 0, quarantined: 0 },
    outcomes: { unknown: 1, processed: 1, 'failed-again': 0, 'not-seen': 0 },
    ratePerSecond: 0.2,
  })
  const { operations } = await ask.operation.list({})
  expect(operations).toMatchObject([
    { id: OPERATION_ID, counts: { selected: 5, confirmed: 2, remaining: 2, failed: 1 } },
  ])
  expect((await ask.operation.items({ id: OPERATION_ID, state: 'failed' })).items).toMatchObject([
    { ordinal: 3, reason: 'too large' },
  ])
  const first = await ask.operation.items({ id: OPERATION_ID, limit: 3 })
  const second = await ask.operation.items({ id: OPERATION_ID, limit: 3, cursor: first.nextCursor })
  expect([...first.items, ...second.items].map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4])
  await expect(ask.operation.get({ id: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('consumers come with the most severe first, and with their members where those are known', async () => {
  const { consumers } = await ask.consumer.list({})
  expect(consumers.map(({ group, memberCount }) => [group, memberCount])).toEqual([
    ['mailer', null],
    ['payments', 1],
    ['audit', null],
  ])
  expect((await ask.consumer.list({ search: '%' })).consumers).toEqual([])
  expect((await ask.consumer.list({ states: ['OK'] })).consumers).toMatchObject([{ group: 'audit' }])
})

test('the lag of a group is the sum of its lanes, a silent lane counting with its last reading for 90 s', async () => {
  const sample = { clusterId: 'k1', groupName: 'payments', destination: 'orders', startPosition: 0 }
  await database()
    .database.insert(lagSample)
    .values([
      { ...sample, lane: '0', at: ago(600_000), committed: 10, endPosition: 20 },
      { ...sample, lane: '1', at: ago(600_000), committed: 5, endPosition: 5 },
      { ...sample, lane: '1', at: ago(555_000), committed: 5, endPosition: 8 },
      { ...sample, lane: '2', at: ago(600_000), committed: null, endPosition: 1_000 },
    ])
  const { series, stepMs } = await ask.consumer.get({ clusterId: 'k1', group: 'payments' })
  expect(stepMs).toBe(15_000)
  expect(series.map(({ atMs, lagMessages }) => [(NOW_MS - atMs) / 1000, lagMessages])).toEqual([
    [600, 10],
    [585, 10],
    [570, 10],
    [555, 13],
    [540, 13],
    [525, 13],
    [510, 3],
    [495, 3],
    [480, 3],
  ])
  await expect(ask.consumer.get({ clusterId: 'k1', group: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('clusters that were removed are not listed; the others say how fresh they are', async () => {
  const { clusters } = await ask.cluster.list()
  expect(clusters.map(({ id }) => id)).toEqual(['k2', 'k1'])
  expect(clusters[1]!.polls).toEqual([
    { kind: 'lag', asOfMs: NOW_MS - 3_980, durationMs: 20, outcome: 'ok', reason: null, itemCount: 3 },
  ])
})

test('the overview ranks by time left and says which figures are not known, and why', async () => {
  const overview = await ask.overview.summary()
  expect(overview.attention.slice(0, 2).map(({ kind, timeLeftMs }) => [kind, timeLeftMs])).toEqual([
    ['dead-letters', 600_000],
    ['consumer', HOUR_MS],
  ])
  expect(overview.attention.map(({ id }) => id)).toContain('cluster:k2')
  expect(overview.tiles).toMatchObject({
    flowsPerMinute: { value: 0, reason: null },
    endToEndP95Ms: { value: null, reason: 'no flow in the last five minutes' },
    oldestUnprocessedMs: { value: 90_000, errorMs: 5_000, group: 'payments' },
    nextDataLossMs: { value: HOUR_MS, group: 'mailer' },
    deadLettersOpen: { value: 121, lastHour: 60 },
    operationsActive: { value: 1 },
  })
  expect(overview.sentence).toMatch(/^1 dead letter: Timeout_100%; \d more things need attention\.$/)
})
