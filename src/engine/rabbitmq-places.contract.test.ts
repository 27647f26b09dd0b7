import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { connectOther, takeMessages } from '#brokers/rabbitmq/rabbitmq-harness.ts'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Header } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import { readAll } from '#engine/kill-suite/kill-ground.ts'
import { openRabbitmqGround } from '#engine/kill-suite/rabbitmq-ground.ts'
import { reasonsOf, redriveLetters } from '#engine/redrive-letters.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const FUZZED = 1_000
const MEGABYTE = 1_000_000
/** Ours, and the property that the adapter gives a message that says nothing of being kept. */
const OWN_HEADERS = /^(throughline-|traceparent$|tracestate$|delivery-mode$)/i
const database = useTestDatabase()
const rabbitmq = inject('rabbitmq')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'rabbitmq', name: 'K', configuration: {} })
})

describe.skipIf(rabbitmq === null)('on RabbitMQ', () => {
  const open = async () => {
    const access = rabbitmq ?? { address: '', managementUrl: '', username: '', password: '' }
    const ground = await openRabbitmqGround(access)
    onTestFinished(() => ground.close())
    const other = await connectOther(access)
    onTestFinished(() => other.close())
    return { ground, other, ...(await ground.createPlace()) }
  }

  test(`${FUZZED} fuzzed messages arrive byte for byte (FUZZ_SEED=${SEED})`, async () => {
    const { ground, origin, source } = await open()
    const header: fc.Arbitrary<Header> = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 30 }).filter((name) => !OWN_HEADERS.test(name)),
      value: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null, freq: 8 }),
    })
    const key = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null, freq: 8 })
    const fuzzed = fc.sample(
      fc.record({ key, payload: fc.uint8Array({ maxLength: 2_000 }), headers: fc.array(header, { maxLength: 6 }) }),
      { seed: SEED, numRuns: FUZZED - 2 },
    )
    const huge = { key: null, payload: randomBytes(MEGABYTE), headers: [] }
    // Nothing else tells messages apart that are the same in everything: their copies are equal, but not which is whose.
    const unique = (at: number): Header => ({ name: 'throughline-test', value: text(String(at)) })
    const messages = [...fuzzed, huge, { ...huge, key: text('huge') }].map((message, at) => ({
      ...message,
      headers: [...message.headers, unique(at)],
    }))
    const letters = messages.map((message) => ({ message, origin }))
    const { items } = await redriveLetters(database(), ground, source, letters)
    const copies = new Map((await readAll(ground.broker, origin)).map((copy) => [printPosition(copy.position), copy]))
    expect(copies.size).toBe(FUZZED)
    const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('hex'))
    const shown = (headers: readonly Header[] | undefined) =>
      headers?.filter(({ name }) => !OWN_HEADERS.test(name)).map(({ name, value }) => [name, hex(value)])
    for (const item of items) {
      const sent = messages[item.ordinal - 1]!
      const copy = copies.get(item.targetPosition ?? '')
      expect([hex(copy?.key ?? null), hex(copy?.payload ?? null)]).toEqual([hex(sent.key), hex(sent.payload)])
      expect(shown(copy?.headers)).toEqual(shown(sent.headers))
    }
    expect(await readAll(ground.broker, source)).toEqual([])
  })

  test('what is not there to take it is failed with its reason and stays dead', async () => {
    const { ground, other, origin, source } = await open()
    const gone = `${origin}.gone`
    await other.channel.assertQueue(gone)
    // Most go through: a destination that refuses nearly everything would stop the operation, which is another promise.
    const letters = Array.from({ length: 200 }, (_, at) => ({
      message: { payload: text(`${at}`) },
      origin: at % 20 === 3 ? gone : origin,
    }))
    const { view, items } = await redriveLetters(database(), ground, source, letters, async () => {
      await other.channel.deleteQueue(gone)
    })
    expect(view.counts).toMatchObject({ confirmed: 190, failed: 10 })
    expect(reasonsOf(items, gone)).toHaveLength(10)
    for (const reason of reasonsOf(items, gone)) expect(reason).toBe(`refused: there is no queue ${gone}`)
    expect(await readAll(ground.broker, origin)).toHaveLength(190)
    expect(await readAll(ground.broker, source)).toHaveLength(10)
  })

  test('what somebody took away meanwhile is failed as a gap, with counts, and the rest is sent', async () => {
    const { ground, other, origin, source } = await open()
    const letters = Array.from({ length: 60 }, (_, at) => ({ message: { payload: text(`${at}`) }, origin }))
    const { view, items } = await redriveLetters(database(), ground, source, letters, async () => {
      for (const message of await takeMessages(other.channel, source, 25)) other.channel.ack(message)
    })
    expect(view.counts).toMatchObject({ confirmed: 35, failed: 25 })
    expect(new Set(reasonsOf(items, origin))).toEqual(new Set(['gap: gone at the source before it was sent']))
  })
})
