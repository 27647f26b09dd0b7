import fc from 'fast-check'
import { DeleteQueueCommand } from '@aws-sdk/client-sqs'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { connectOther, createQueue, deleteMessages, receiveMessages } from '#brokers/sqs/sqs-harness.ts'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Header } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import { readAll } from '#engine/kill-suite/kill-ground.ts'
import { openSqsGround } from '#engine/kill-suite/sqs-ground.ts'
import { reasonsOf, redriveLetters } from '#engine/redrive-letters.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const FUZZED = 300
/** Ours, and a name that the SDK loses. */
const OWN_HEADERS = /^(throughline-|traceparent$|tracestate$|__proto__$)/i
const database = useTestDatabase()
const endpoint = inject('sqsEndpoint')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'sqs', name: 'K', configuration: {} })
})

describe.skipIf(endpoint === null)('on SQS', () => {
  const open = async () => {
    const ground = await openSqsGround(endpoint ?? '')
    onTestFinished(() => ground.close())
    const other = connectOther(endpoint ?? '')
    onTestFinished(() => other.destroy())
    const urlOf = (queue: string): string => `${endpoint}/000000000000/${queue}`
    return { ground, other, urlOf, ...(await ground.createPlace()) }
  }

  test(`${FUZZED} fuzzed messages arrive byte for byte (FUZZ_SEED=${SEED})`, async () => {
    const { ground, origin, source } = await open()
    const words = fc.string({
      unit: fc.constantFrom('a', 'Z', ' ', 'é', '\t', '\n', '😀', '"', '\\', '<', '&', 'я'),
      minLength: 1,
      maxLength: 60,
    })
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 })
    const header: fc.Arbitrary<Header> = fc.record({
      name: fc.stringMatching(/^[A-Za-z0-9_-]{1,30}$/).filter((name) => !OWN_HEADERS.test(name)),
      value: fc.oneof(words.map(text), bytes),
    })
    const headers = fc.uniqueArray(header, { maxLength: 8, selector: ({ name }) => name.toLowerCase() })
    const shape = fc.record({ payload: words.map(text), headers })
    const messages = fc.sample(shape, { seed: SEED, numRuns: FUZZED })
    const letters = messages.map((message) => ({ message, origin }))
    const { items } = await redriveLetters(database(), ground, source, letters)
    const copies = new Map((await readAll(ground.broker, origin)).map((copy) => [printPosition(copy.position), copy]))
    expect(copies.size).toBe(FUZZED)
    const shown = (of: readonly Header[] | undefined) =>
      of
        ?.filter(({ name }) => !OWN_HEADERS.test(name))
        .map(({ name, value }) => `${name}=${Buffer.from(value ?? []).toString('hex')}`)
        .toSorted()
    for (const item of items) {
      const sent = messages[item.ordinal - 1]!
      const copy = copies.get(item.targetPosition ?? '')
      expect(Buffer.from(copy?.payload ?? []).toString('hex')).toBe(Buffer.from(sent.payload).toString('hex'))
      expect(shown(copy?.headers)).toEqual(shown(sent.headers))
    }
    expect(await readAll(ground.broker, source)).toEqual([])
  })

  test('what is not there to take it is failed with its reason and stays dead', async () => {
    const { ground, other, urlOf, origin, source } = await open()
    const gone = `${origin}-gone`
    await createQueue(other, gone)
    const letters = Array.from({ length: 100 }, (_, at) => ({
      message: { payload: text(`${at}`) },
      origin: at % 20 === 3 ? gone : origin,
    }))
    const { view, items } = await redriveLetters(database(), ground, source, letters, async () => {
      await other.send(new DeleteQueueCommand({ QueueUrl: urlOf(gone) }))
    })
    expect(view.counts).toMatchObject({ confirmed: 95, failed: 5 })
    for (const reason of reasonsOf(items, gone)) expect(reason).toContain('queue does not exist')
    expect(await readAll(ground.broker, origin)).toHaveLength(95)
    expect(await readAll(ground.broker, source)).toHaveLength(5)
  })

  test('what somebody took away meanwhile is failed as a gap, with counts, and the rest is sent', async () => {
    const { ground, other, urlOf, origin, source } = await open()
    const letters = Array.from({ length: 60 }, (_, at) => ({ message: { payload: text(`${at}`) }, origin }))
    const { view, items } = await redriveLetters(database(), ground, source, letters, async () => {
      const taken = await receiveMessages(other, urlOf(source), 25)
      await deleteMessages(other, urlOf(source), taken)
    })
    expect(view.counts).toMatchObject({ confirmed: 35, failed: 25 })
    expect(new Set(reasonsOf(items, origin))).toEqual(new Set(['gap: gone at the source before it was sent']))
  })
})
