import { randomBytes, randomUUID } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import fc from 'fast-check'
import { PgBoss } from 'pg-boss'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Header } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import { readAll, sendAll, type KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { reasonsOf, redriveLetters, type DeadLetter, type RedriveEnd } from '#engine/redrive-letters.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const FUZZED = 1_000
const MEGABYTE = 1_000_000
const OWN_HEADERS = /^(throughline-|traceparent$|tracestate$)/i
const database = useTestDatabase()
const kafkaBrokers = inject('kafkaBrokers')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
})

const redrive = (
  ground: KillGround,
  source: string,
  letters: readonly DeadLetter[],
  meanwhile?: () => Promise<void>,
): Promise<RedriveEnd> => redriveLetters(database(), ground, source, letters, meanwhile)

describe.skipIf(kafkaBrokers === null)('on Kafka', () => {
  const open = async () => {
    const ground = await openKafkaGround(kafkaBrokers ?? '')
    onTestFinished(() => ground.close())
    const admin = new Admin({ clientId: 'odd-places', bootstrapBrokers: [kafkaBrokers ?? ''], retryDelay: 100 })
    onTestFinished(() => admin.close())
    return { ground, admin, ...(await ground.createPlace()) }
  }

  test(`${FUZZED} fuzzed messages arrive byte for byte (FUZZ_SEED=${SEED})`, async () => {
    const { ground, origin, source } = await open()
    const bytes = (maxLength: number) => fc.option(fc.uint8Array({ maxLength }), { nil: null, freq: 8 })
    const header: fc.Arbitrary<Header> = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 30 }).filter((name) => !OWN_HEADERS.test(name)),
      value: bytes(60),
    })
    const fuzzed = fc.sample(
      fc.record({ key: bytes(40), payload: bytes(2_000), headers: fc.array(header, { maxLength: 6 }) }),
      { seed: SEED, numRuns: FUZZED - 2 },
    )
    const huge = { key: null, payload: randomBytes(MEGABYTE), headers: [] }
    const messages = [...fuzzed, huge, { ...huge, key: text('huge') }]
    const letters = messages.map((message) => ({ message, origin }))
    const { items } = await redrive(ground, source, letters)
    const copies = new Map((await readAll(ground.broker, origin)).map((copy) => [printPosition(copy.position), copy]))
    expect(copies.size).toBe(FUZZED)
    const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('hex'))
    for (const item of items) {
      const sent = messages[item.ordinal - 1]!
      const copy = copies.get(item.targetPosition ?? '')
      expect([hex(copy?.key ?? null), hex(copy?.payload ?? null)]).toEqual([hex(sent.key), hex(sent.payload)])
      const kept = copy?.headers.filter((one) => !OWN_HEADERS.test(one.name))
      expect(kept?.map(({ name, value }) => [name, hex(value)])).toEqual(
        sent.headers.map(({ name, value }) => [name, hex(value)]),
      )
    }
  })

  test('what the destination does not take, or is not there to take, is failed with its reason and stays dead', async () => {
    const { ground, admin, origin, source } = await open()
    const [small, gone] = [`${origin}.small`, `${origin}.gone`]
    const configs = [{ name: 'max.message.bytes', value: '2000' }]
    await admin.createTopics({ topics: [small], partitions: 1, replicas: 1, configs })
    await admin.createTopics({ topics: [gone], partitions: 1, replicas: 1 })
    const letter = (target: string, size: number): DeadLetter => ({
      message: { payload: randomBytes(size) },
      origin: target,
    })
    // Most go through: a destination that refuses nearly everything would stop the operation, which is another promise.
    const letters = Array.from({ length: 200 }, (_, at) =>
      at % 20 === 3 ? letter(gone, 100) : at % 20 === 7 ? letter(small, 5_000) : letter(small, 500),
    )
    const { view, items } = await redrive(ground, source, letters, async () => {
      await admin.deleteTopics({ topics: [gone] })
    })
    expect(view.counts).toMatchObject({ confirmed: 180, failed: 20 })
    expect(reasonsOf(items, gone)).toHaveLength(10)
    expect(reasonsOf(items, small)).toHaveLength(10)
    for (const item of items) if (item.state === 'failed') expect(item.reason).toMatch(/^refused: /)
    expect(await readAll(ground.broker, small)).toHaveLength(180)
    expect(await readAll(ground.broker, source)).toHaveLength(200)
  })

  test('what was purged at its place is failed as a gap, with counts, and the rest is sent', async () => {
    const { ground, admin, origin, source } = await open()
    const letters = Array.from({ length: 60 }, (_, at) => ({ message: { lane: '0', payload: text(`${at}`) }, origin }))
    const { view, items } = await redrive(ground, source, letters, async () => {
      const partitions = [{ partition: 0, offset: 25n }]
      await admin.deleteRecords({ topics: [{ name: source, partitions }] })
    })
    expect(view.counts).toMatchObject({ confirmed: 35, failed: 25 })
    expect(new Set(reasonsOf(items, origin))).toEqual(new Set(['gap: gone at the source before it was sent']))
  })

  test('after a place was made anew nothing of what lies at the old positions is sent', async () => {
    const { ground, admin, origin, source } = await open()
    const letters = Array.from({ length: 30 }, (_, at) => ({
      message: { lane: '0', key: text(`old ${at}`), payload: text(`old ${at}`) },
      origin,
    }))
    const { view, items } = await redrive(ground, source, letters, async () => {
      await admin.deleteTopics({ topics: [source] })
      await expect
        .poll(
          () =>
            admin.createTopics({ topics: [source], partitions: 3, replicas: 1 }).then(
              () => true,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(true)
      const other = { destination: source, lane: '0', headers: [], timestampMs: null }
      const strangers = Array.from({ length: 20 }, (_, at) => ({
        ...other,
        key: text(`new ${at}`),
        payload: text(`new ${at}`),
        idempotencyId: randomUUID(),
      }))
      await sendAll(ground, strangers)
    })
    expect(view.counts).toMatchObject({ confirmed: 0, failed: 30 })
    for (const reason of reasonsOf(items, origin)) expect(reason).toMatch(/^gap: /)
    expect(await readAll(ground.broker, origin)).toEqual([])
  })
})

describe('on Postgres queues', () => {
  const OWN_ATTRIBUTES = [
    'throughlineoperation',
    'throughlineitem',
    'throughlineredrivecount',
    'throughlineoriginaltimestamp',
    'traceparent',
    'tracestate',
  ]
  const open = async () => {
    const { url, pool } = database()
    const ground = await openPgqueueGround(url)
    onTestFinished(() => ground.close())
    const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 2 })
    await boss.start()
    onTestFinished(() => boss.stop({ graceful: false }))
    return { ground, boss, pool, ...(await ground.createPlace()) }
  }

  test(`${FUZZED} fuzzed jobs arrive as they were (FUZZ_SEED=${SEED})`, async () => {
    const { ground, pool, origin, source } = await open()
    // Postgres holds no NUL in JSON; all other text, and numbers to their last digit.
    const word = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\u0000'))
    const value = fc.jsonValue({ depthSize: 'small', stringUnit: 'grapheme' }).map((json) => JSON.stringify(json))
    const number = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 99_999 }))
    const data = fc.oneof(
      value.filter((json) => !json.includes('\\u0000')),
      word.map((one) => JSON.stringify(one)),
      number.map(([whole, part]) => `{"amount":${whole}.${part}00,"list":[${whole},null,true]}`),
    )
    const envelope = fc
      .tuple(fc.uuid(), word, data)
      .map(
        ([id, subject, json]) =>
          `{"specversion":"1.0","id":"${id}","source":"/fuzz","type":"x","subject":${JSON.stringify(subject)},"tenant":"acme","data":${json}}`,
      )
    const payloads = fc.sample(fc.oneof({ weight: 3, arbitrary: envelope }, data), {
      seed: SEED,
      numRuns: FUZZED - 1,
    })
    const huge = JSON.stringify({ huge: randomBytes(MEGABYTE / 2).toString('hex') })
    const letters = [...payloads, huge].map((payload) => ({ message: { payload: text(payload) }, origin }))
    const jobs = (queue: string) =>
      pool.query<{ id: string; data: string; key: string | null }>(
        `select id, (case when jsonb_typeof(data) = 'object' then data - $2::text[] else data end)::text as data,
           singleton_key as key from pgboss.job where name = $1`,
        [queue, OWN_ATTRIBUTES],
      )
    let before: Map<string, string> = new Map()
    const { items } = await redrive(ground, source, letters, async () => {
      before = new Map((await jobs(source)).rows.map((job) => [job.id, job.data]))
    })
    const after = new Map((await jobs(origin)).rows.map((job) => [job.id, job.data]))
    expect([before.size, after.size]).toEqual([FUZZED, FUZZED])
    const idOf = (position: string | null): string => position?.split('@').at(-1) ?? ''
    for (const item of items) {
      const original = before.get(idOf(item.sourcePosition))
      expect(original).toBeDefined()
      expect(after.get(idOf(item.targetPosition))).toBe(original)
    }
    expect((await jobs(source)).rows).toEqual([])
  })

  test('what a queue does not take, or is not there to take, is failed with its reason and stays dead', async () => {
    const { ground, boss, origin, source } = await open()
    const [narrow, gone] = [`${origin}-narrow`, `${origin}-gone`]
    await boss.createQueue(narrow, { policy: 'short' })
    await boss.createQueue(gone)
    const letters = Array.from({ length: 200 }, (_, at) => ({
      message: { payload: text(`{"at":${at}}`) },
      origin: at % 20 === 3 ? gone : at % 20 === 7 ? narrow : origin,
    }))
    const { view, items } = await redrive(ground, source, letters, async () => {
      await boss.deleteQueue(gone)
    })
    // The narrow queue holds one waiting job at a time.
    expect(view.counts).toMatchObject({ confirmed: 181, failed: 19 })
    expect([reasonsOf(items, gone).length, reasonsOf(items, narrow).length]).toEqual([10, 9])
    for (const item of items) if (item.state === 'failed') expect(item.reason).toMatch(/^refused: /)
    expect(await readAll(ground.broker, origin)).toHaveLength(180)
    expect(await readAll(ground.broker, source)).toHaveLength(19)
  })

  test('what was purged at its place is failed as a gap, with counts, and the rest is sent', async () => {
    const { ground, pool, origin, source } = await open()
    const letters = Array.from({ length: 60 }, (_, at) => ({ message: { payload: text(`{"at":${at}}`) }, origin }))
    const { view, items } = await redrive(ground, source, letters, async () => {
      await pool.query(`delete from pgboss.job where name = $1 and (data->>'at')::int < 25`, [source])
    })
    expect(view.counts).toMatchObject({ confirmed: 35, failed: 25 })
    expect(new Set(reasonsOf(items, origin))).toEqual(new Set(['gap: gone at the source before it was sent']))
  })
})
