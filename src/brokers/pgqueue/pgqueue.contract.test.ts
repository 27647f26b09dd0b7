import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { PgBoss, type Queue } from 'pg-boss'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Broker, OutgoingMessage } from '#brokers/broker.ts'
import {
  BOUND,
  collect,
  encoder,
  failureOf,
  plainMessage,
  plainMessages,
  range,
  signalOf,
} from '#brokers/contract-harness.ts'
import { describeBrokerContract } from '#brokers/contract.ts'
import { openPgqueueBroker } from '#brokers/pgqueue/index.ts'
import { OPERATION_HEADER } from '#domain/message.ts'

const databaseName = `test_pgqueue_${randomUUID().replaceAll('-', '')}`
let databaseUrl = ''
let boss: PgBoss
let sql: pg.Client
let made = 0
let latestQueue = ''

beforeAll(async () => {
  await administrate(`create database ${databaseName}`)
  databaseUrl = inject('postgresUrl').replace(/postgres$/, databaseName)
  boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false, max: 4 })
  await boss.start()
  sql = new pg.Client({ connectionString: databaseUrl })
  await sql.connect()
})
afterAll(async () => {
  await boss.stop({ graceful: false })
  await sql.end()
  await administrate(`drop database if exists ${databaseName} with (force)`)
})

async function administrate(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  await client.query(statement)
  await client.end()
}

const open = (): Promise<Broker> =>
  openPgqueueBroker({ clusterId: 'pgqueue', configuration: { schema: 'pgboss' }, secret: { url: databaseUrl } })

/** One job per statement, as pg-boss gives all jobs of one statement the same creation time. */
async function produce(queue: string, messages: readonly OutgoingMessage[]): Promise<void> {
  for (const { payload, key } of messages) {
    const data = payload === null ? null : (JSON.parse(new TextDecoder().decode(payload)) as object)
    const singletonKey = key === null ? {} : { singletonKey: new TextDecoder().decode(key) }
    await boss.send(queue, data, singletonKey)
  }
}

async function takeJobs(queue: string, count: number): Promise<string[]> {
  const jobs = await boss.fetch(queue, { batchSize: count })
  expect(jobs).toHaveLength(count)
  return jobs.map((job) => job.id)
}

/** Jobs that fail on their only attempt, so that pg-boss itself puts them into the dead-letter queue. */
async function deadLetter(origin: string, count: number, data?: object): Promise<string> {
  const place = `${origin}.dead`
  await boss.createQueue(place)
  await boss.updateQueue(origin, { deadLetter: place })
  // Taken before whatever else waits there.
  const options = { priority: 10, retryLimit: 0 }
  for (const ordinal of range(count)) await boss.send(origin, data ?? { ordinal }, options)
  for (const id of await takeJobs(origin, count)) await boss.fail(origin, id, new RangeError('too much'))
  return place
}

const message = (destination: string, odd: Partial<OutgoingMessage>): OutgoingMessage => ({
  ...plainMessage(destination, 0),
  ...odd,
})

describeBrokerContract('pgqueue', {
  open,
  // A queue's workers are its one group and bear its name.
  uniqueName: (hint) => (hint === 'group' ? latestQueue : `${hint}-${made++}`),
  createDestination: async (name) => {
    latestQueue = name
    await boss.createQueue(name)
  },
  produce,
  consumeAndCommit: async (_group, queue, count) => {
    await boss.complete(queue, await takeJobs(queue, count))
  },
  deadLetter: (origin, count) => deadLetter(origin, count),
  fingerprint: async (queue) => {
    const { rows } = await sql.query(`select xmin, job.* from pgboss.job where name = $1 order by id`, [queue])
    return rows
  },
  oddMessages: (destination) => [
    message(destination, { payload: null }),
    message(destination, { payload: encoder.encode('{"a": {"ключ": "значение"}, "long": [1, 2.5, null, true]}') }),
    message(destination, { key: encoder.encode('kunde ü'), payload: encoder.encode('{}') }),
    message(destination, { payload: encoder.encode(JSON.stringify({ text: 'x'.repeat(200_000) }).replace(':', ': ')) }),
  ],
  refusedMessage: (destination) => message(destination, { headers: [{ name: 'h', value: Uint8Array.of(255) }] }),
  lacks: { timestamps: true },
})

describe('beside the laws, pg-boss', () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await open()
  })
  afterAll(() => broker.close())

  const freshQueue = async (options: Omit<Queue, 'name'> = {}): Promise<string> => {
    const queue = `own-${made++}`
    await boss.createQueue(queue, options)
    return queue
  }
  const readAll = async (queue: string) => {
    const ranges = await broker.replaySource!.resolve(queue, 0, Date.now(), signalOf())
    return (await collect(broker.replaySource!.read(queue, ranges, BOUND, signalOf()))).messages
  }
  const stored = async (queue: string): Promise<string[]> =>
    (await sql.query(`select data::text from pgboss.job where name = $1 order by created_on`, [queue])).rows.map(
      (row: { data: string }) => row.data,
    )

  test('an envelope keeps every digit and type while its headers change', async () => {
    const queue = await freshQueue()
    const payload =
      '{"id": "e-1", "data": {"n": 12345678901234567890.10}, "time": "2026-01-02T03:04:05.678Z", "type": "t", ' +
      '"count": 7, "source": "/s", "specversion": "1.0", "traceparent": "old", "dataschema": "d"}'
    await sql.query(`insert into pgboss.job (name, data) values ($1, $2)`, [queue, payload])
    const [original] = await readAll(queue)
    expect(new TextDecoder().decode(original!.payload!)).toHaveLength(payload.length)
    expect(original!.headers.map((header) => header.name).toSorted()).toEqual(['count', 'traceparent'])
    expect(original!.timestampMs).toBe(Date.parse('2026-01-02T03:04:05.678Z'))
    const headers = [
      ...original!.headers.filter((header) => header.name === 'count'),
      { name: OPERATION_HEADER, value: encoder.encode('op-1') },
    ]
    const copy = { ...plainMessage(queue, 0), payload: original!.payload, timestampMs: original!.timestampMs, headers }
    expect((await broker.send.send([copy], signalOf()))[0]?.outcome).toBe('confirmed')
    const [, text] = await stored(queue)
    expect(text).toContain('12345678901234567890.10')
    expect(text).toContain('"count": 7')
    expect(text).toContain('"throughlineoperation": "op-1"')
    expect(text).not.toContain('traceparent')
    const [, read] = await readAll(queue)
    expect(read!.headers.map((header) => header.name).toSorted()).toEqual(['count', OPERATION_HEADER])
    expect(read!.timestampMs).toBe(original!.timestampMs)
  })

  test('plain data is copied as it is: our marks stay behind, a header of somebody else is refused', async () => {
    const queue = await freshQueue()
    const marked = { ...plainMessage(queue, 1), headers: [{ name: OPERATION_HEADER, value: encoder.encode('op') }] }
    const foreign = { ...plainMessage(queue, 2), headers: [{ name: 'tenant', value: encoder.encode('t') }] }
    const bytes = { ...plainMessage(queue, 3), payload: Uint8Array.of(0, 159) }
    const results = await broker.send.send([marked, foreign, bytes], signalOf())
    expect(results.map((result) => result.outcome)).toEqual(['confirmed', 'refused', 'refused'])
    expect(results[1]).toMatchObject({ failure: { code: 'unsupported', retryable: false } })
    expect(await stored(queue)).toEqual(['{"ordinal": 1}'])
  })

  test('a copy that is sent twice is confirmed twice and stored once, also after it was processed', async () => {
    const queue = await freshQueue()
    const copy = plainMessage(queue, 1)
    const [first] = await broker.send.send([copy], signalOf())
    const again = await broker.send.send([copy, copy], signalOf())
    expect(again).toEqual([first, first])
    await boss.complete(queue, await takeJobs(queue, 1))
    expect((await broker.send.send([copy], signalOf()))[0]).toEqual(first)
    expect(await stored(queue)).toHaveLength(1)
  })

  test('a connection that breaks during a send leaves the outcome unknown, and the same copy can be sent again', async () => {
    const queue = await freshQueue()
    const copies = plainMessages(queue, 3)
    const blocker = new pg.Client({ connectionString: databaseUrl })
    await blocker.connect()
    await blocker.query('begin')
    await blocker.query(`lock table pgboss.job in share mode`)
    const sending = broker.send.send(copies, signalOf())
    const killed = async () => {
      const { rows } = await sql.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'throughline' and wait_event_type = 'Lock' and datname = current_database()`,
      )
      return rows.length
    }
    await expect.poll(killed).toBe(1)
    const results = await sending
    await blocker.query('rollback')
    await blocker.end()
    expect(results.map((result) => result.outcome)).toEqual(['unknown', 'unknown', 'unknown'])
    expect(results[0]).toMatchObject({ failure: { code: 'outcome-unknown', retryable: true } })
    const again = await broker.send.send(copies, signalOf())
    expect(again.map((result) => result.outcome)).toEqual(['confirmed', 'confirmed', 'confirmed'])
    expect(await stored(queue)).toHaveLength(3)
  })

  test('a job that Postgres cannot store does not take the others of its batch with it', async () => {
    const queue = await freshQueue()
    const bad = { ...plainMessage(queue, 1), payload: encoder.encode('{"a":"\\u0000"}') }
    const results = await broker.send.send([plainMessage(queue, 0), bad, plainMessage(queue, 2)], signalOf())
    expect(results.map((result) => result.outcome)).toEqual(['confirmed', 'refused', 'confirmed'])
    expect(results[1]).toMatchObject({ failure: { code: 'invalid', retryable: false } })
    expect(await stored(queue)).toEqual(['{"ordinal": 0}', '{"ordinal": 2}'])
  })

  test('a sent job is an ordinary one: it has what its queue gives every job, and workers take it in order', async () => {
    const dead = await freshQueue()
    const queue = await freshQueue({ retryLimit: 5, retryDelay: 3, deadLetter: dead, policy: 'key_strict_fifo' })
    await boss.send(queue, { ordinal: -1 }, { singletonKey: 'k-1' })
    const keyed = range(3).map((ordinal) => ({ ...plainMessage(queue, ordinal), key: encoder.encode(`k${ordinal}`) }))
    await broker.send.send(keyed, signalOf())
    const columns = `retry_limit, retry_delay, retry_backoff, dead_letter, policy, expire_seconds, deletion_seconds,
      keep_until - start_after as kept, state, priority, blocked`
    const { rows } = await sql.query(`select distinct ${columns} from pgboss.job where name = $1`, [queue])
    expect(rows).toHaveLength(1)
    // One at a time: pg-boss takes the oldest, but promises no order within a batch.
    const ordinals: number[] = []
    for (const _ of range(4)) ordinals.push((await boss.fetch<{ ordinal: number }>(queue))[0]!.data.ordinal)
    expect(ordinals).toEqual([-1, 0, 1, 2])
  })

  test('a dead letter brings what killed it and when, also when its event says when it happened', async () => {
    const queue = await freshQueue()
    const time = '2026-01-02T03:04:05.678Z'
    const place = await deadLetter(queue, 1, { specversion: '1.0', id: 'e', source: '/s', type: 't', time, data: {} })
    const [letter] = (await collect(broker.deadLetters!.read(place, null, BOUND, signalOf()))).messages
    expect(letter).toMatchObject({
      attempts: 1,
      timestampMs: Date.parse(time),
      brokerFailure: { errorClass: 'RangeError', errorMessage: 'too much', originDestination: queue },
    })
    expect(letter?.brokerFailure?.stack).toContain('RangeError: too much\n    at ')
    expect(letter?.brokerFailure?.originPosition).toMatch(/^[0-9a-f-]{36}$/)
    const { rows } = await sql.query(`select created_on from pgboss.job where name = $1`, [place])
    // Postgres keeps microseconds: the adapter rounds them, the driver's Date cuts them off.
    expect(letter!.brokerFailure!.diedAtMs! - rows[0].created_on.getTime()).toBeOneOf([0, 1])
  })

  test('a dead letter whose transaction commits late is read by the next read, not lost behind the checkpoint', async () => {
    const queue = await freshQueue()
    const place = await deadLetter(queue, 1)
    const late = new pg.Client({ connectionString: databaseUrl })
    await late.connect()
    await late.query('begin')
    await late.query(`insert into pgboss.job (name, data) values ($1, '{"late": true}')`, [place])
    await deadLetter(queue, 2)
    const first = await collect(broker.deadLetters!.read(place, null, BOUND, signalOf()))
    await late.query('commit')
    await late.end()
    const second = await collect(broker.deadLetters!.read(place, first.pages.at(-1)!.checkpoint, BOUND, signalOf()))
    const all = [...first.messages, ...second.messages].map((one) => one.position.sequence)
    expect(first.messages).toHaveLength(1)
    expect(second.messages).toHaveLength(3)
    expect(new Set(all).size).toBe(4)
  })

  test('lag counts on over readings, leaves out what is not due, and knows the age of the oldest', async () => {
    const queue = await freshQueue()
    const lagOf = async () => (await broker.lag.read(signalOf())).lanes.find((lane) => lane.group === queue)!
    await produce(queue, plainMessages(queue, 4))
    await boss.send(queue, {}, { startAfter: 3600 })
    const first = await lagOf()
    expect(first).toMatchObject({ committed: 0, start: 0, end: 4 })
    expect(first.oldestAgeMs).toBeGreaterThan(0)
    await boss.complete(queue, await takeJobs(queue, 3))
    await produce(queue, plainMessages(queue, 2))
    expect(await lagOf()).toMatchObject({ committed: 3, end: 6 })
    await boss.complete(queue, await takeJobs(queue, 3))
    expect(await lagOf()).toMatchObject({ committed: 6, end: 6, oldestAgeMs: 0 })
  })

  test('a role that may only read sees everything and is told that it may not send or remove', async () => {
    const role = `reader_${randomUUID().replaceAll('-', '')}`
    await sql.query(`create role ${role} login password 'secret'`)
    await sql.query(`grant usage on schema pgboss to ${role}`)
    await sql.query(`grant select on pgboss.version, pgboss.queue, pgboss.subscription, pgboss.job to ${role}`)
    const queue = await freshQueue()
    const place = await deadLetter(queue, 1)
    const url = databaseUrl.replace('postgres@', `${role}:secret@`)
    const console = await openPgqueueBroker({ clusterId: 'r', configuration: { schema: 'pgboss' }, secret: { url } })
    try {
      expect(await console.identify(signalOf())).toBe(await broker.identify(signalOf()))
      expect((await console.inventory.read(signalOf())).destinations.map((one) => one.name)).toContain(queue)
      expect((await console.lag.read(signalOf())).lanes.map((lane) => lane.group)).toContain(queue)
      const [letter] = (await collect(console.deadLetters!.read(place, null, BOUND, signalOf()))).messages
      const [sent] = await console.send.send([plainMessage(queue, 1)], signalOf())
      expect(sent).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden', retryable: false } })
      const removal = console.deadLetters!.remove!(place, [letter!.position], signalOf())
      expect(await failureOf(removal)).toMatchObject({ code: 'forbidden', retryable: false })
      await sql.query(`grant insert, delete on pgboss.job to ${role}`)
      expect((await console.send.send([plainMessage(queue, 1)], signalOf()))[0]?.outcome).toBe('confirmed')
      expect(await console.deadLetters!.remove!(place, [letter!.position], signalOf())).toEqual([{ outcome: 'done' }])
    } finally {
      await console.close()
      await sql.query(`drop owned by ${role}; drop role ${role}`)
    }
  })

  test('a schema that is missing and a server that is gone are told apart', async () => {
    const openAt = (url: string, schema = 'pgboss') =>
      openPgqueueBroker({ clusterId: 'x', configuration: { schema }, secret: { url } })
    const gone = await openAt('postgres://postgres@127.0.0.1:1/postgres')
    expect(await failureOf(gone.inventory.read(signalOf()))).toMatchObject({
      code: 'broker-unavailable',
      retryable: true,
    })
    const [result] = await gone.send.send([plainMessage('q', 1)], signalOf())
    expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'broker-unavailable', retryable: true } })
    const empty = await openAt(databaseUrl, 'nowhere')
    expect(await failureOf(empty.inventory.read(signalOf()))).toMatchObject({ code: 'not-found', retryable: false })
    await Promise.all([gone.close(), empty.close()])
  })
})
