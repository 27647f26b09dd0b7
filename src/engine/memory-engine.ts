import { afterEach, beforeAll } from 'vitest'
import { openMemoryBroker, type MemoryBroker } from '#brokers/memory/memory-broker.ts'
import { appendToMemory, createMemoryDestination, createMemoryLog, type MemoryLog } from '#brokers/memory/memory-log.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { listOperationItems, type OperationItemRow } from '#db/store/operation-view-store.ts'
import { useTestDatabase, type TestDatabase } from '#db/test-database.ts'
import type { BrokerMessage, Header } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import { seedDeadLetters, startTestEngine, type EngineSetting, type SeededLetter } from '#engine/engine-fixture.ts'

export interface MemoryPlace {
  readonly clusterId: string
  readonly source: string
  readonly destination: string
  readonly origin: string
  readonly fingerprint: string
}

interface PlaceOptions {
  readonly keys?: number
  readonly headers?: readonly Header[]
  readonly letter?: (at: number) => Partial<SeededLetter>
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** A memory cluster `m`, a database, and engines that end with their test. Call it at the top of a test file. */
export function useMemoryEngine(): MemoryEngine {
  const database = useTestDatabase()
  const log = createMemoryLog()
  const started: { stop(): Promise<void> }[] = []
  beforeAll(async () => {
    await database().database.insert(cluster).values({ id: 'm', kind: 'kafka', name: 'M', configuration: {} })
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((engine) => engine.stop()))
  })
  return {
    database,
    log,
    openBroker: (kind) => {
      const broker = openMemoryBroker('m', log)
      if (kind === 'queue') return broker
      const { remove: _remove, ...deadLetters } = broker.deadLetters
      return { ...broker, deadLetters }
    },
    start: (setting) => void started.push(startTestEngine({ client: database(), ...setting })),
    makePlace: async (count, options = {}) => {
      const origin = `orders-${log.destinations.size}`
      return makePlace(database(), log, origin, count, options)
    },
    copiesAt: (name) =>
      (log.destinations.get(name)?.lanes ?? []).flatMap((lane) => lane.flatMap((message) => message ?? [])),
    itemsOf: (operationId) =>
      listOperationItems(database().database, {
        operationId,
        states: [],
        outcomes: [],
        limit: 10_000,
        afterOrdinal: null,
      }),
  }
}

export interface MemoryEngine {
  readonly database: () => TestDatabase
  readonly log: MemoryLog
  /** A dead-letter place like a log (nothing is removed there), or like a queue. */
  readonly openBroker: (kind: 'log' | 'queue') => MemoryBroker
  readonly start: (setting: Partial<EngineSetting> & Pick<EngineSetting, 'broker'>) => void
  /** `count` dead letters of a topic of their own, in the broker and on record. */
  readonly makePlace: (count: number, options?: PlaceOptions) => Promise<MemoryPlace>
  readonly copiesAt: (name: string) => readonly BrokerMessage[]
  readonly itemsOf: (operationId: string) => Promise<readonly OperationItemRow[]>
}

async function makePlace(
  { database }: TestDatabase,
  log: MemoryLog,
  origin: string,
  count: number,
  options: PlaceOptions,
): Promise<MemoryPlace> {
  const source = `${origin}.DLT`
  createMemoryDestination(log, origin, { lanes: 3 })
  createMemoryDestination(log, source, { deadLettersOf: origin })
  const known = { clusterId: 'm', kind: 'topic' as const, lanes: ['0', '1', '2'], settings: {}, seenAt: new Date() }
  await database.insert(destination).values([origin, source].map((name) => ({ ...known, name })))
  const letters = Array.from({ length: count }, (_, at): SeededLetter => {
    const key = options.keys === undefined ? null : text(`key-${at % options.keys}`)
    const { position } = appendToMemory(log, {
      destination: source,
      lane: null,
      key,
      headers: options.headers ?? [],
      payload: text(`message ${at}`),
      timestampMs: 1_000 + at,
      idempotencyId: '',
    })
    return { position: printPosition(position), key, originDestination: origin, ...options.letter?.(at) }
  })
  const place = { clusterId: 'm', source, destination: source, origin, fingerprint: origin }
  await seedDeadLetters(database, place, letters)
  return place
}
