import pg from 'pg'
import type { Broker, DeadLetterFacet } from '#brokers/broker.ts'
import { findDeadLetterFacts } from '#collector/poll/find-dead-letter-facts.ts'
import { indexDeadLetters } from '#collector/poll/index-dead-letters.ts'
import { openDatabase } from '#db/client.ts'
import { listDeadLetterGroups, MAX_GROUPS } from '#db/store/dead-letter-group-list.ts'
import { readGroupFacts } from '#db/store/dead-letter-group-facts.ts'
import { listDeadLetters } from '#db/store/dead-letter-list.ts'
import { acquireLease } from '#db/store/lease-store.ts'
import { readGroupWitnesses } from '#db/store/witness-store.ts'
import { letterFilterSchema } from '#domain/dead-letter/letter-filter.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'
import { type FoundLetters, searchDeadLetters } from '#server/search-dead-letters.ts'
import { runBench } from './bench-run.ts'
import { quantile } from './quantile.ts'

const PAGE = 1_000
const CAUSES = 300
const PLACES = 8
const READS = 30
const DAY_MS = 86_400_000
const LIMIT_MS = 240_000
/** Arrivals at the end of the fill, while somebody looks at the inbox. */
const WATCHED = 25_000
/** Letters that are described alone, nothing stored. */
const DESCRIBED = 10_000

const bytes = (text: string) => new TextEncoder().encode(text)
const FRAMES = Array.from({ length: 40 }, (_, line) => `\tat org.springframework.Kafka.run(Kafka.java:${line})`)

/** Few causes have most of the letters, as in life. */
const causeOf = (number: number): number => Math.floor(CAUSES * (((number * 7_919) % 10_007) / 10_007) ** 3)
const placeOf = (number: number): string => `orders.${causeOf(number) % PLACES}.dlq`

function letterAt(number: number, deadAtMs: number): BrokerMessage {
  const cause = causeOf(number)
  const stack = [`com.shop.Boom${cause}: no`, ...FRAMES, `\tat com.shop.Step${cause}.run(Step${cause}.java:8)`].join(
    '\n',
  )
  return {
    destination: placeOf(number),
    position: { lane: '0', sequence: String(number) },
    key: bytes(`customer-${number % 50_000}`),
    headers: [
      { name: 'kafka_dlt-original-topic', value: bytes(`orders.${cause % PLACES}`) },
      { name: 'kafka_dlt-exception-fqcn', value: bytes(`com.shop.Boom${cause}`) },
      { name: 'kafka_dlt-exception-message', value: bytes(`order ${number} refused`) },
      { name: 'kafka_dlt-exception-stacktrace', value: bytes(stack) },
      { name: 'x-correlation-id', value: bytes(`order-${number}`) },
      { name: 'traceparent', value: bytes(`00-${number.toString(16).padStart(32, '0')}-00000000000000aa-01`) },
      { name: 'tenant', value: bytes(`tenant-${number % 1_000}`) },
    ],
    payload: bytes(
      JSON.stringify({ order: number, country: number % 5_000 === 0 ? 'CH' : 'DE', filler: 'x'.repeat(900) }),
    ),
    timestampMs: deadAtMs,
    timestampKind: 'appended',
    attempts: null,
    brokerFailure: null,
  }
}

type Arrivals = ReadonlyMap<string, readonly BrokerMessage[]>

/** The letters of a range of numbers by place, each with the time of its death. */
function letOnesDie([from, to]: Range, deadAtMs: (number: number) => number): Arrivals {
  const letters = Array.from({ length: to - from }, (_, at) => letterAt(from + at, deadAtMs(from + at)))
  return Map.groupBy(letters, ({ destination }) => destination)
}

/** Pages of one place, as its adapter would give them; what reading costs at a broker is not in the figures. */
async function* pagesOf(messages: readonly BrokerMessage[]) {
  for (let at = 0; at < messages.length; at += PAGE)
    yield { messages: messages.slice(at, at + PAGE), checkpoint: String(at), gaps: [] }
}

type Range = readonly [from: number, to: number]

/** Milliseconds (p95) of the slowest question to the inbox with 200,000 open dead letters; arrivals are measured on the way. */
await runBench('inbox', 200_000, async (bench) => {
  const url = await bench.startDatabase()
  const client = openDatabase(url, { maxConnections: 4, onError: () => undefined })
  bench.onEnd(() => client.close())
  const expressions = openExpressionRunner()
  bench.onEnd(() => expressions.close())
  const { database } = client
  const lease = await acquireLease(database, 'index', 'bench', 600_000)
  if (lease === null) throw new Error('the lease is taken')
  const count = Math.max(2 * WATCHED, Math.round(bench.size))
  const nowMs = Date.now()
  const deadAtMs = (number: number) => nowMs - DAY_MS + (number / count) * DAY_MS
  const place = { originDestination: 'orders', consumerGroup: 'payments', retentionMs: 7 * DAY_MS }
  const places = Array.from({ length: PLACES }, (_, number) => ({
    destination: `orders.${number}.dlq`,
    ...place,
    foundBy: 'hand' as const,
    evidence: 'the bench',
  }))
  /** One look of the poll at every place; gives letters per second. */
  const index = async (arrivals: Arrivals): Promise<number> => {
    const startedMs = performance.now()
    const facet: DeadLetterFacet = {
      costOfLooking: null,
      find: async () => ({ places, unreadable: [] }),
      read: (destination) => pagesOf(arrivals.get(destination) ?? []),
    }
    const broker = { clusterId: 'bench', deadLetters: facet } as Broker
    const { itemCount, reasons } = await indexDeadLetters(
      database,
      broker,
      lease,
      places,
      AbortSignal.timeout(LIMIT_MS),
    )
    const count = [...arrivals.values()].reduce((sum, { length }) => sum + length, 0)
    if (itemCount !== count) throw new Error(`${itemCount} of ${count} indexed: ${reasons.join(', ')}`)
    return (itemCount * 1_000) / (performance.now() - startedMs)
  }
  const described = Array.from({ length: DESCRIBED }, (_, number) => letterAt(number, deadAtMs(number)))
  const describingMs = performance.now()
  for (const message of described) findDeadLetterFacts(message, place, nowMs)
  const describedPerSecond = Math.round((DESCRIBED * 1_000) / (performance.now() - describingMs))
  bench.show('described alone, nothing stored', `${describedPerSecond}/s`)
  for (let from = 0; from < count - WATCHED; from += WATCHED)
    await index(letOnesDie([from, Math.min(from + WATCHED, count - WATCHED)], deadAtMs))
  const bare = new pg.Client({ connectionString: url })
  await bare.connect()
  bench.onEnd(() => bare.end())
  await bare.query('vacuum analyze')

  const groupQuery = { state: 'open', clusterId: null, search: null, nowMs, limit: MAX_GROUPS } as const
  const watched = letOnesDie([count - WATCHED, count], deadAtMs)
  let isWatched = true
  const watching = (async () => {
    while (isWatched) {
      await listDeadLetterGroups(database, groupQuery)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
    }
  })()
  const arrivalsPerSecond = Math.round(await index(watched))
  isWatched = false
  await watching
  bench.show('arrivals indexed while the groups are looked at', `${arrivalsPerSecond}/s`)
  await bare.query('analyze')

  const { groups, totalCount } = await listDeadLetterGroups(database, groupQuery)
  if (totalCount !== count) throw new Error(`${totalCount} of ${count} are in the groups`)
  const pick = (round: number) => groups[(round * 37) % groups.length]?.fingerprint ?? ''
  const all = { state: 'open', fingerprint: null, clusterId: null, destination: null, search: null, limit: 50 } as const
  const runtime = { database, expressions, nowMs: Date.now }
  const search = (filter: Record<string, string>) =>
    searchDeadLetters(
      runtime,
      { state: 'open', filter: letterFilterSchema.parse(filter), limit: 50, cursor: null },
      undefined,
    )
  const day = { fromMs: nowMs - DAY_MS, toMs: nowMs, stepMs: 900_000 }
  let deep: string | null = null
  const kinds: readonly (readonly [string, (round: number) => Promise<unknown>])[] = [
    ['failure groups', () => listDeadLetterGroups(database, groupQuery)],
    ['failure groups by title', (round) => listDeadLetterGroups(database, { ...groupQuery, search: `boom${round}` })],
    [
      'facts of a group',
      async (round) => {
        await Promise.all([readGroupFacts(database, pick(round), day), readGroupWitnesses(database, pick(round))])
      },
    ],
    ['messages of a group', (round) => listDeadLetters(database, { ...all, fingerprint: pick(round), cursor: null })],
    [
      'messages, page after page',
      async () => {
        deep = (await listDeadLetters(database, { ...all, cursor: deep })).nextCursor
      },
    ],
    ['search by error', (round) => search({ error: `Boom${round * 9}` })],
    ['search by error that nobody had', () => search({ error: 'nothing of this kind' })],
    ['search by destination', (round) => search({ destination: `orders.${round % PLACES}` })],
    ['search by key', (round) => search({ key: `customer-${round * 1_000}` })],
    ['search by key that nobody has', () => search({ key: 'nobody' })],
  ]
  const figures: Record<string, number> = {}
  const time = async (read: (round: number) => Promise<unknown>) => {
    const taken: number[] = []
    for (let round = 0; round < READS; round += 1) {
      const startedMs = performance.now()
      await read(round)
      taken.push(performance.now() - startedMs)
    }
    return quantile(taken, 0.95)
  }
  for (const [name, read] of kinds) {
    figures[name] = Number((await time(read)).toFixed(1))
    bench.show(`${name}, p95`, `${figures[name]} ms`)
  }
  const baseline = await time(() =>
    bare.query({
      name: 'bare',
      text: `select id, dead_at from dead_letter where state = 'open' order by dead_at desc, id desc limit 50`,
    }),
  )
  bench.show('fifty rows by their index, one bare statement, p95', `${baseline.toFixed(1)} ms`)
  const walked = async (filter: Record<string, string>) => {
    const startedMs = performance.now()
    let cursor: string | null = null
    do {
      const input = { state: 'open' as const, filter: letterFilterSchema.parse(filter), limit: 200, cursor }
      const page: FoundLetters = await searchDeadLetters(runtime, input, undefined)
      cursor = page.nextCursor
    } while (cursor !== null)
    return Math.round((count * 1_000) / (performance.now() - startedMs))
  }
  const headersPerSecond = await walked({ header: 'tenant', headerValue: 'nobody' })
  bench.show('looked through by header', `${headersPerSecond}/s`)
  const expressionsPerSecond = await walked({ expression: '$.country == "FR"' })
  bench.show('looked through by expression', `${expressionsPerSecond}/s`)
  const value = Math.max(...Object.values(figures))
  const rates = {
    arrivalsPerSecond,
    describedPerSecond,
    headersPerSecond,
    expressionsPerSecond,
  }
  return { value, unit: 'ms', baseline, targetMax: 200, ...rates, ...figures }
})
