import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import { appendToMemory, createMemoryDestination, createMemoryLog } from '#brokers/memory/memory-log.ts'
import { indexDeadLetters } from '#collector/poll/index-dead-letters.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { readDeadLetterBytes } from '#db/store/dead-letter-list.ts'
import { acquireLease } from '#db/store/lease-store.ts'
import { findArchiveEntry, readArchivedMessages } from '#db/store/message-archive-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { Failure } from '#domain/failure.ts'

const current = useTestDatabase()
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (value: Uint8Array | null | undefined) => (value ? new TextDecoder().decode(value) : null)

test('a dead letter that only points to its record has it fetched and kept; one whose record is gone says so', async () => {
  const { database } = current()
  const log = createMemoryLog()
  createMemoryDestination(log, 'orders')
  createMemoryDestination(log, 'orders.dlq', { deadLettersOf: 'orders' })
  const outgoing = { lane: '0', timestampMs: null, idempotencyId: 'x' }
  const tenant = { name: 'tenant', value: bytes('acme') }
  appendToMemory(log, {
    ...outgoing,
    destination: 'orders',
    key: bytes('k'),
    headers: [tenant],
    payload: bytes('{"a":1}'),
  })
  for (const offset of ['0', '7']) {
    const headers = [
      { name: '__dlq.errors.topic', value: bytes('orders') },
      { name: '__dlq.errors.partition', value: bytes('0') },
      { name: '__dlq.errors.offset', value: bytes(offset) },
      { name: '__dlq.errors.group', value: bytes('share') },
    ]
    appendToMemory(log, { ...outgoing, destination: 'orders.dlq', key: null, headers, payload: null })
  }
  const broker = openMemoryBroker('memory', log)
  const lease = (await acquireLease(database, 'index', 'me'))!
  const { places } = await broker.deadLetters.find(AbortSignal.timeout(10_000))
  const { reasons } = await indexDeadLetters(database, broker, lease, places, AbortSignal.timeout(10_000))
  expect(reasons).toEqual(['orders.dlq: 1 records that dead letters point to are gone or closed'])

  const letters = await database.select().from(deadLetter).orderBy(deadLetter.id)
  const [kept, lost] = letters.map(({ id }) => id)
  expect(await findArchiveEntry(database, String(kept))).toMatchObject({ operationId: null, isOnlyCopy: false })
  expect(await findArchiveEntry(database, String(lost))).toBeNull()
  const shown = await readDeadLetterBytes(database, String(kept))
  expect([text(shown?.key), text(shown?.payload), shown?.payloadBytes]).toEqual(['k', '{"a":1}', 7])
  expect(await readDeadLetterBytes(database, String(lost))).toMatchObject({ key: null, payload: null })
  // What a redrive sends: the record itself, at the place of the letter, with its own headers.
  const [message] = await readArchivedMessages(database, [kept!])
  expect(message).toMatchObject({ destination: 'orders.dlq', position: { lane: '0', sequence: '0' } })
  expect(message?.headers.map(({ name }) => name)).toEqual(['tenant'])
})

test('a record whose topic could not be read when its letter was found is fetched as soon as it can be', async () => {
  const { database } = current()
  const log = createMemoryLog()
  createMemoryDestination(log, 'bills')
  createMemoryDestination(log, 'bills.dlq', { deadLettersOf: 'bills' })
  const outgoing = { lane: '0', timestampMs: null, idempotencyId: 'x' }
  appendToMemory(log, { ...outgoing, destination: 'bills', key: bytes('k'), headers: [], payload: bytes('{"b":2}') })
  const headers = [
    { name: '__dlq.errors.topic', value: bytes('bills') },
    { name: '__dlq.errors.partition', value: bytes('0') },
    { name: '__dlq.errors.offset', value: bytes('0') },
  ]
  appendToMemory(log, { ...outgoing, destination: 'bills.dlq', key: null, headers, payload: null })
  const broker = openMemoryBroker('bills', log)
  const closed: Broker = {
    ...broker,
    replaySource: {
      ...broker.replaySource,
      readAt: () => Promise.reject(new Failure('forbidden', 'not allowed to read bills')),
    },
  }
  const lease = (await acquireLease(database, 'index-bills', 'me'))!
  const { places } = await broker.deadLetters.find(AbortSignal.timeout(10_000))
  const index = (of: Broker) => indexDeadLetters(database, of, lease, places, AbortSignal.timeout(10_000))
  expect((await index(closed)).reasons).toContain('bills: not allowed to read bills')
  const [letter] = await database.select().from(deadLetter).where(eq(deadLetter.clusterId, 'bills'))
  expect(await findArchiveEntry(database, String(letter?.id))).toBeNull()
  expect((await index(broker)).reasons).toEqual([])
  expect(text((await readDeadLetterBytes(database, String(letter?.id)))?.payload)).toBe('{"b":2}')
})
