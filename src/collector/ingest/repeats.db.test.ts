import { expect, test } from 'vitest'
import { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { Repeats } from '#collector/ingest/repeats.ts'
import { useTestIngest } from '#collector/ingest/test-ingest.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'

const database = useTestDatabase()
const ingest = useTestIngest(database)

const spanOf = (traceId: string, spanId: string) => ({
  traceId,
  spanId,
  name: 'send orders',
  kind: 4,
  startTimeUnixNano: '1795244000000000000',
  endTimeUnixNano: '1795244000001000000',
  attributes: Object.entries({
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': `orders-${traceId.slice(0, 4)}`,
    'messaging.message.conversation_id': `order-${traceId.slice(0, 4)}`,
  }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
})

async function send(...spans: readonly ReturnType<typeof spanOf>[]): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${ingest().httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  })
  expect([answer.status, await answer.json()]).toEqual([200, {}])
}

async function countsOf(traceId: string): Promise<readonly number[]> {
  const found = await database().pool.query(
    `select (select count(*)::int from span where trace_id = $1::uuid) as spans,
       (select count(*)::int from message_event where trace_id = $1::uuid) as events,
       (select sum(span_count)::int from flow where flow_key = $2) as counted`,
    [traceId, `order-${traceId.slice(0, 4)}`],
  )
  const [row] = found.rows
  return [row.spans, row.events, row.counted]
}

const ids = ['1', '2', '3', '4'].map((digit) => digit.repeat(16))

test('a span that comes again in another batch is stored and counted once', async () => {
  const traceId = 'a1'.repeat(16)
  const [one, two, three] = ids.map((id) => spanOf(traceId, id))
  await send(one!, two!)
  await send(two!, three!)
  await send(three!)
  expect(await countsOf(traceId)).toEqual([3, 3, 3])
  const sent = () =>
    database().pool.query(
      "select coalesce(sum(sent_count), 0)::int as sent from rollup where destination = 'orders-a1a1'",
    )
  await expect.poll(async () => (await sent()).rows[0].sent, { timeout: 20_000 }).toBe(3)
})

test('batches that hold the same span and come at the same time store it once', async () => {
  const traceId = 'b2'.repeat(16)
  const [one, two, three, four] = ids.map((id) => spanOf(traceId, id))
  await Promise.all([send(one!, two!), send(two!, three!), send(three!, four!), send(four!, one!)])
  expect(await countsOf(traceId)).toEqual([4, 4, 4])
})

test('a span that stands twice in one batch is stored once', async () => {
  const traceId = 'c3'.repeat(16)
  const [one, two] = ids.map((id) => spanOf(traceId, id))
  await send(one!, two!, one!)
  expect(await countsOf(traceId)).toEqual([2, 2, 2])
})

test('of spans that were never seen hardly any look familiar, also when their ids are numbered', () => {
  const { pool } = database()
  const repeats = new Repeats(pool, new IngestQueue(new SpanBatchWriter(pool), 1_000))
  const many = Buffer.alloc(24 * 100_000)
  for (let index = 0; index < 100_000; index += 1) {
    many.writeUInt32BE(Math.floor(index / 7), index * 24 + 12)
    many.writeUInt32BE(index, index * 24 + 20)
  }
  expect(repeats.note(many)).toHaveLength(0)
  expect(repeats.note(many).length).toBeGreaterThan(95_000)
})
