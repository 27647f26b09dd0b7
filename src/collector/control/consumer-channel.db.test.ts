import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startControlServer, type ControlServer } from '#collector/control-server.ts'
import { openConsumerChannel } from '#collector/control/consumer-channel.ts'
import { openOrderBook, type OrderBook } from '#collector/control/order-book.ts'
import { endPause } from '#commands/pause/end.ts'
import { extendPause } from '#commands/pause/extend.ts'
import { startPause } from '#commands/pause/start.ts'
import { listenForPause, type PauseEvent } from '#consumer/listen-for-pause.ts'
import type { Pausable } from '#consumer/pausable.ts'
import { consumerGroup } from '#db/schema/cluster.ts'
import { upsertCluster } from '#db/store/cluster-store.ts'
import { listMembers } from '#db/store/pause-member-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'
import { createLog } from '#log.ts'

const current = useTestDatabase()
const db = () => current().database
const TOKEN = 'a token of the tests, 32 bytes or more'.replaceAll(' ', '-')
const log = createLog('test', 'silent')
const operator: Actor = { kind: 'person', id: 'p', name: 'Olga', role: 'operator' }
const as = () => ({ database: db(), actor: operator })
const eventually = { timeout: 30_000, interval: 30 }

let orders: OrderBook
let server: ControlServer

beforeAll(async () => {
  await upsertCluster(db(), {
    id: 'k',
    kind: 'kafka',
    name: 'K',
    environment: 'test',
    configuration: {},
    sealedSecret: null,
  })
  orders = openOrderBook(current(), log)
  server = await openServer([TOKEN])
})
afterAll(async () => {
  await server.stop()
  await orders.stop()
})

const openServer = (tokens: readonly string[], maxHeld?: number): Promise<ControlServer> => {
  const channel = openConsumerChannel({
    database: db(),
    orders,
    tokens,
    log,
    ...(maxHeld === undefined ? {} : { maxHeld }),
  })
  return startControlServer({
    host: '127.0.0.1',
    port: 0,
    readReadiness: async () => ({ isReady: true, details: {} }),
    answerConsumer: (request, response) => channel.answer(request, response),
  })
}

async function knownGroup(): Promise<string> {
  const group = `g-${randomUUID()}`
  await db().insert(consumerGroup).values({ clusterId: 'k', name: group, state: 'stable', seenAt: new Date() })
  return group
}

const report = (group: string, part: Record<string, unknown> = {}) => ({
  cluster: 'k',
  group,
  member: 'member-0001',
  name: 'test',
  state: 'running',
  lease: null,
  inFlight: null,
  problem: null,
  seen: null,
  waitMs: 0,
  ...part,
})

const post = (body: unknown, headers: Record<string, string> = {}, port = server.port) =>
  fetch(`http://127.0.0.1:${port}/v1/consumer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** A consumer that keeps a record of what is done to it. */
function listening(group: string, part: Partial<Pausable> = {}) {
  const done: string[] = []
  const events: PauseEvent[] = []
  const pausable = { pause: () => void done.push('pause'), resume: () => void done.push('resume'), ...part }
  const listener = listenForPause(pausable, {
    group,
    cluster: 'k',
    url: `http://127.0.0.1:${server.port}`,
    token: TOKEN,
    maxRetryMs: 50,
    onEvent: (event) => events.push(event),
  })
  return { listener, done, events }
}

const pause = (group: string, forMs = 600_000) =>
  startPause(as(), { clusterId: 'k', group, kind: 'cooperative', forMs, reason: 'the bank is down' })

test('a consumer hears of a pause while it waits, obeys, says so, and runs again when the pause is ended', async () => {
  const group = await knownGroup()
  const { listener, done, events } = listening(group)
  await vi.waitFor(
    async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'running' }]),
    eventually,
  )
  const { leaseId } = await pause(group)
  await vi.waitFor(
    async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'paused', leaseId }]),
    eventually,
  )
  await extendPause(as(), { leaseId, forMs: 900_000, reason: 'longer' })
  await endPause(as(), { leaseId, reason: 'it is back' })
  await vi.waitFor(
    async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'running' }]),
    eventually,
  )
  expect(done).toEqual(['pause', 'resume'])
  expect(events).toMatchObject([
    { kind: 'paused', by: 'Olga', reason: 'the bank is down' },
    { kind: 'resumed', because: 'console' },
  ])
  await listener.stop()
  expect(await listMembers(db(), 'k', group)).toEqual([])
})

test('a pause ends by the consumer’s own clock when the console is gone, and says that it was lost', async () => {
  const group = await knownGroup()
  const own = await openServer([TOKEN])
  const done: string[] = []
  const events: PauseEvent[] = []
  const listener = listenForPause(
    { pause: () => void done.push('pause'), resume: () => void done.push('resume') },
    {
      group,
      cluster: 'k',
      url: `http://127.0.0.1:${own.port}`,
      token: TOKEN,
      maxRetryMs: 50,
      onEvent: (event) => events.push(event),
    },
  )
  await startPause(as(), { clusterId: 'k', group, kind: 'cooperative', forMs: 10_000, reason: 'short' })
  await vi.waitFor(() => expect(done).toEqual(['pause']), eventually)
  await own.stop()
  await vi.waitFor(() => expect(done).toEqual(['pause', 'resume']), eventually)
  expect(events.map(({ kind }) => kind)).toEqual(['paused', 'console-lost', 'resumed'])
  expect(events.at(-1)).toEqual({ kind: 'resumed', because: 'expired' })
  expect(listener.state()).toMatchObject({ state: 'running', leaseId: null })
  await listener.stop()
})

test('what is in flight is waited for and counted before the member says that it is paused', async () => {
  const group = await knownGroup()
  let inFlight = 3
  const { listener } = listening(group, { inFlight: () => inFlight })
  await pause(group)
  await vi.waitFor(
    async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'pausing', inFlight: 3 }]),
    eventually,
  )
  inFlight = 0
  await vi.waitFor(
    async () => expect(await listMembers(db(), 'k', group)).toMatchObject([{ state: 'paused', inFlight: 0 }]),
    eventually,
  )
  await listener.stop()
})

test('a consumer that forgets its pause in a rebalance is paused again; one that cannot be paused says why', async () => {
  const group = await knownGroup()
  let forget = () => undefined as void
  const { listener, done } = listening(group, { onForgotten: (reassert) => void (forget = reassert) })
  const broken = listening(group, { pause: () => Promise.reject(new Error('not connected')) })
  await pause(group)
  await vi.waitFor(() => expect(done).toEqual(['pause']), eventually)
  forget()
  await vi.waitFor(() => expect(done).toEqual(['pause', 'pause']), eventually)
  await vi.waitFor(async () => {
    const members = await listMembers(db(), 'k', group)
    expect(members.find(({ problem }) => problem !== null)).toMatchObject({
      state: 'running',
      problem: 'not connected',
    })
  }, eventually)
  await Promise.all([listener.stop(), broken.listener.stop()])
  expect(done.at(-1)).toBe('resume')
})

test('hostile input is refused with the reason, and nothing of it is written down', async () => {
  const group = await knownGroup()
  const statusOf = async (response: Promise<Response>) => (await response).status
  expect(await statusOf(post(report(group), { authorization: 'Bearer wrong' }))).toBe(401)
  expect(await statusOf(post(report(group), { authorization: `Basic ${TOKEN}` }))).toBe(401)
  expect(await statusOf(post(report(group), { 'content-type': 'text/plain' }))).toBe(415)
  expect(await statusOf(post('{"cluster":'))).toBe(400)
  expect(await statusOf(post('null'))).toBe(400)
  expect(await statusOf(post(report(group, { name: 'a\nb' })))).toBe(400)
  expect(await statusOf(post(report(group, { state: 'owner' })))).toBe(400)
  expect(await statusOf(post(report(group, { lease: "'; drop table pause_lease" })))).toBe(400)
  expect(await statusOf(post(report(group, { waitMs: 1e12 })))).toBe(400)
  expect(await statusOf(post(report(group, { extra: true })))).toBe(400)
  expect(await statusOf(post(report(group, { cluster: 'nobody’s' })))).toBe(404)
  expect(await statusOf(post('x'.repeat(9_000)))).toBe(413)
  expect(await statusOf(fetch(`http://127.0.0.1:${server.port}/v1/consumer`))).toBe(405)
  expect(await listMembers(db(), 'k', group)).toEqual([])
})

test('without a token on the collector the channel is closed', async () => {
  const closed = await openServer([])
  const response = await post(report('any'), {}, closed.port)
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ error: expect.stringContaining('no token') })
  await closed.stop()
})

test('of more consumers than may wait the rest are answered at once and asked to come later', async () => {
  const group = await knownGroup()
  const small = await openServer([TOKEN], 1)
  const held = post(report(group, { seen: 'run', waitMs: 30_000 }), {}, small.port)
  await vi.waitFor(async () => expect(await listMembers(db(), 'k', group)).toHaveLength(1), eventually)
  const second = await post(report(group, { member: 'member-0002', seen: 'run', waitMs: 30_000 }), {}, small.port)
  expect(await second.json()).toMatchObject({ order: 'run', askAgainMs: 15_000 })
  await pause(group)
  expect(await (await held).json()).toMatchObject({ order: 'pause', lease: { by: 'Olga' }, askAgainMs: 0 })
  await small.stop()
})

test('a connection that sends half a report and hangs up does no harm', async () => {
  const group = await knownGroup()
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`POST /v1/consumer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n`)
      socket.write('content-type: application/json\r\ncontent-length: 500\r\n\r\n{"cluster"', () => socket.destroy())
      socket.once('close', () => resolve())
    })
  })
  expect((await post(report(group))).status).toBe(200)
})
