import { crc32c, Reader, readRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { encodeRecordBatch } from '#brokers/kafka/encode-record-batch.ts'

const NOW_MS = 1_763_000_000_000
const STAMP = { producerId: 4_021n, producerEpoch: 3, firstSequence: 77 }
const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
const message: fc.Arbitrary<OutgoingMessage> = fc.record({
  destination: fc.constant('orders'),
  lane: fc.constant('1'),
  key: bytes,
  payload: bytes,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 40 }), value: bytes }), {
    maxLength: 6,
  }),
  timestampMs: fc.option(fc.integer({ min: 0, max: 4_000_000_000_000 }), { nil: null }),
  idempotencyId: fc.constant('x'),
})
const plain = (value: Uint8Array | null | undefined) => (value ? Buffer.from(value).toString('hex') : null)

test('whatever the messages hold, the client reads from the batch what was put into it', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 30 }), (messages) => {
      const encoded = encodeRecordBatch(messages, STAMP, NOW_MS)
      const batch = readRecordsBatch(Reader.from(Buffer.from(encoded)))
      const times = messages.map(({ timestampMs }) => BigInt(timestampMs ?? NOW_MS))
      expect(batch).toMatchObject({ ...STAMP, magic: 2, attributes: 0, firstOffset: 0n, firstTimestamp: times[0] })
      expect([batch.length, batch.crc]).toEqual([encoded.length - 12, crc32c(encoded.subarray(21))])
      expect(batch.maxTimestamp).toBe(times.reduce((max, time) => (time > max ? time : max)))
      expect(batch.records).toHaveLength(messages.length)
      for (const [at, record] of batch.records.entries()) {
        const sent = messages[at]!
        expect([record.offsetDelta, batch.firstTimestamp + record.timestampDelta]).toEqual([at, times[at]])
        expect([plain(record.key), plain(record.value)]).toEqual([plain(sent.key), plain(sent.payload)])
        expect(record.headers.map(([name, value]) => [name?.toString('utf8'), plain(value)])).toEqual(
          sent.headers.map(({ name, value }) => [Buffer.from(name).toString('utf8'), plain(value)]),
        )
      }
    }),
    { numRuns: 300 },
  )
})
