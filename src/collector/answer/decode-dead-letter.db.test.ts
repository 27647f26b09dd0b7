import { expect, test } from 'vitest'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import { appendToMemory, createMemoryDestination, createMemoryLog } from '#brokers/memory/memory-log.ts'
import { decodeDeadLetter } from '#collector/answer/decode-dead-letter.ts'
import { cluster } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import type { DecodedBytes } from '#domain/schema/schema-answer.ts'
import { readDeadLetterParts } from '#server/read-dead-letter-parts.ts'
import type { Runtime } from '#server/runtime.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'
import { Failure } from '#domain/failure.ts'

const database = useTestDatabase()
const WHOLE = Buffer.concat([Buffer.of(0, 0, 0, 0, 7), Buffer.from('{"password":"x","city":"Köln"}')])
const signal = new AbortController().signal

/** Says the body back as what it decoded: what real registries say is held in their contract tests. */
const schemas = {
  decode: (bytes: Uint8Array, _part: string, destinations: readonly string[]): Promise<DecodedBytes> =>
    Promise.resolve({
      outcome: 'decoded',
      schema: { kind: 'avro', name: 'Person', id: 7, subject: `${destinations[0] ?? ''}-value`, version: 2 },
      json: Buffer.from(bytes.subarray(5)).toString(),
    }),
  judge: () => Promise.resolve({ outcome: 'fits' } as const),
}

async function insertLetter(clusterId: string, payload: Uint8Array): Promise<string> {
  const row = {
    destination: 'orders.DLT',
    originDestination: 'orders',
    deadAt: new Date(0),
    dialect: 'none',
    headers: [],
  }
  const group = { fingerprint: '00000000000000aa', fingerprintTitle: 'a bug', position: '0@0' }
  const sizes = { payloadBytes: WHOLE.length, isPayloadCut: payload.length < WHOLE.length }
  const [inserted] = await database()
    .database.insert(deadLetter)
    .values({ ...row, ...group, ...sizes, clusterId, payload })
    .returning({ id: deadLetter.id })
  return String(inserted?.id)
}

test('a dead letter that the inbox holds in part is decoded whole, shown masked, and its bytes stay hidden', async () => {
  const { database: db } = database()
  const configuration = { schemaRegistry: { url: 'http://registry' } }
  await db.insert(cluster).values({ id: 'c', kind: 'kafka', name: 'C', configuration })
  const log = createMemoryLog()
  createMemoryDestination(log, 'orders.DLT', { deadLettersOf: 'orders' })
  const message = { destination: 'orders.DLT', lane: null, key: null, headers: [], timestampMs: 1, idempotencyId: '' }
  appendToMemory(log, { ...message, payload: WHOLE })
  const broker = { ...openMemoryBroker('c', log), schemas }
  const runtime: Runtime = {
    ...openTestWeb(db, knownNothing).runtime,
    maskRule: openMaskRule(''),
    askCollector: ({ clusterId, question }) =>
      decodeDeadLetter({ get: () => Promise.resolve(broker) }, db, clusterId, question, signal),
  }
  const { payload, key } = await readDeadLetterParts(runtime, await insertLetter('c', WHOLE.subarray(0, 8)))
  expect(key).toBeNull()
  expect(payload).toMatchObject({ text: '', isWithheld: true, byteCount: WHOLE.length })
  expect(payload?.decoded).toEqual({
    outcome: 'decoded',
    schema: { kind: 'avro', name: 'Person', id: 7, subject: 'orders-value', version: 2 },
    text: '{"password":"••••••••","city":"Köln"}',
    maskedCount: 1,
  })
})

test('without a collector, and on a cluster without a registry, the bytes are shown as they are', async () => {
  const { database: db } = database()
  const configuration = { schemaRegistry: { url: 'http://registry' } }
  await db.insert(cluster).values([
    { id: 'down', kind: 'kafka', name: 'Down', configuration },
    { id: 'plain', kind: 'kafka', name: 'Plain', configuration: {} },
  ])
  const refuse = () => Promise.reject(new Failure('broker-unavailable', 'no collector answered'))
  const runtime: Runtime = { ...openTestWeb(db, knownNothing).runtime, askCollector: refuse }
  const down = await readDeadLetterParts(runtime, await insertLetter('down', WHOLE))
  expect(down.payload).toMatchObject({ kind: 'binary', text: WHOLE.toString('hex'), isWithheld: false })
  expect(down.payload?.decoded).toMatchObject({ outcome: 'failed', schemaId: 7, isTemporary: true })
  const plain = await readDeadLetterParts(runtime, await insertLetter('plain', WHOLE))
  expect(plain.payload).toMatchObject({ decoded: null, text: WHOLE.toString('hex') })
})
