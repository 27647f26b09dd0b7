import { expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { testFacts, testSpan } from '#domain/trace/test-span.ts'
import { readRetries } from '#server/read-retries.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'
import type { TakenQuery } from '#telemetry-store/telemetry-store.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12)

const run = (spanId: string, agoMs: number, over: Partial<SpanRecord> = {}): SpanRecord =>
  testSpan({
    spanId,
    parentSpanId: 'sender',
    service: 'refunds',
    name: 'process refunds',
    kind: 'consumer',
    startUs: (NOW_MS - agoMs) * 1000,
    correlationId: 'refund-1',
    messaging: testFacts({ operation: 'process', destination: 'refunds', partition: '0', offset: '7' }),
    ...over,
  })

test('a message that ran again is listed with what each run did, and the window that was really looked at', async () => {
  const runs = [run('one', 60_000), run('two', 30_000)]
  const call = (parentSpanId: string) =>
    run(`below-${parentSpanId}`, 30_000, { parentSpanId, kind: 'client', messaging: null })
  const asked: TakenQuery[] = []
  const web = openTestWeb(database().database, {
    ...knownNothing,
    readTakenSpans: (query) => {
      asked.push(query)
      return Promise.resolve({ spans: runs, fromUs: query.fromUs + 1_000_000 })
    },
    readTraces: () => Promise.resolve([...runs, call('one'), call('two')]),
  })
  web.setNowMs(NOW_MS)
  const answer = await readRetries(web.runtime, { windowMs: 900_000, destination: 'refunds' })
  expect(asked).toEqual([{ fromUs: (NOW_MS - 900_000) * 1000, toUs: NOW_MS * 1000, destination: 'refunds' }])
  expect(answer).toMatchObject({ isShortened: true, fromMs: NOW_MS - 899_000, omittedCount: 0 })
  expect(answer.takers).toMatchObject([{ messageCount: 1, deliveryCount: 2, amplification: 2, duplicateCount: 1 }])
  expect(answer.repeated).toMatchObject([
    {
      kind: 'duplicate',
      correlationId: 'refund-1',
      runCount: 2,
      effectiveRunCount: 2,
      runs: [
        { spanId: 'one', isFailed: false, sentCount: 0, callCount: 1 },
        { spanId: 'two', isFailed: false, sentCount: 0, callCount: 1 },
      ],
    },
  ])
})
