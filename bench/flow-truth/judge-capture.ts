import { join } from 'node:path'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { startIngest } from '#collector/ingest/start-ingest.ts'
import type { DatabaseClient } from '#db/client.ts'
import { toFailure } from '#domain/failure.ts'
import type { Flow } from '#domain/flow/flow.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'
import { createLog } from '#log.ts'
import { Failure } from '#domain/failure.ts'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import { FlowShelf } from '#server/flow-shelf.ts'
import { readWholeFlow } from '#server/read-flow.ts'
import type { Runtime } from '#server/runtime.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import {
  createMessageFinder,
  type FactVerdict,
  JUDGED_FACTS,
  type JudgedDelivery,
  type JudgedFact,
  type JudgedOrder,
  judgeOrder,
  type MessageFinder,
} from './judge-order.ts'
import { readTruth, type TrueOrder, type Truth } from './read-truth.ts'
import { bodiesOf, CAPTURES, postBody } from '#otlp/captured-bodies.ts'
import { storeBrokerFacts } from './store-broker-facts.ts'
import { learnFromRecords } from './true-records.ts'

/** What became of one capture, counted in true deliveries. */
export interface JudgedCapture {
  readonly scenario: string
  readonly deliveries: number
  readonly joined: number
  readonly falseJoins: readonly string[]
  /** Of the joined ones: those that stand in another flow than the order's first, because nothing ties the two. */
  readonly apart: number
  /** reason -> deliveries */
  readonly unknown: Readonly<Record<string, number>>
  readonly orders: number
  /** Orders whose joined deliveries all stand in the flow that the order's own number (or else its first trace) opens. */
  readonly wholeOrders: number
  /** Orders that were found by a name that a person knows, not only by a trace id. */
  readonly ordersFoundByName: number
  readonly deadLetters: number
  readonly deadLettersFound: number
  readonly facts: Readonly<Record<JudgedFact, Readonly<Record<FactVerdict, number>>>>
  /** Evidence -> deliveries joined by it. */
  readonly joinedBy: Readonly<Record<string, number>>
  /** A line for each delivery that is not right in every way. */
  readonly notes: readonly string[]
}

/** Replays a capture through a collector into an empty database, reads every order's flow as the product does, and compares. */
export async function judgeCapture(scenario: string, client: DatabaseClient): Promise<JudgedCapture> {
  const { database, pool } = client
  const truth = readTruth(join(CAPTURES, scenario, 'truth.json'))
  const ingest = await startIngest({
    pool,
    httpPort: 0,
    grpcPort: 0,
    host: '127.0.0.1',
    log: createLog('bench', 'warn'),
  })
  try {
    for (const body of bodiesOf(scenario)) {
      const answer = await postBody(ingest.httpPort, body)
      if (answer.status !== 200)
        throw new Error(`${scenario}: the collector answered ${answer.status} ${await answer.text()}`)
      await answer.text()
    }
  } finally {
    await ingest.stop()
  }
  await storeBrokerFacts(database, truth)
  await learnFromRecords(client, truth)
  const runtime = openJudgeRuntime(client, truth.endedMs + 60_000)
  return judgeOrders(scenario, truth, async (id) => (await readWholeFlow(runtime, id)).flow)
}

/** What the pages read with, at a moment of choice and without a collector to ask. */
export function openJudgeRuntime({ database, pool }: DatabaseClient, nowMs: number): Runtime {
  return {
    config: {
      DATABASE_URL: 'postgres://unused',
      LOG_LEVEL: 'silent',
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      THROUGHLINE_SECRET: 'unused',
      THROUGHLINE_URL: 'http://unused',
    },
    database,
    telemetry: openTelemetryReader(pool),
    flowShelf: new FlowShelf(),
    approvalSeal: createApprovalSeal('unused'),
    maskRule: openMaskRule(''),
    askCollector: () => Promise.reject(new Failure('broker-unavailable', 'there is no collector here')),
    expressions: openExpressionRunner(),
    log: createLog('bench', 'silent'),
    nowMs: () => nowMs,
  }
}

async function judgeOrders(
  scenario: string,
  truth: Truth,
  read: (id: string) => Promise<Flow>,
): Promise<JudgedCapture> {
  const messages = createMessageFinder(truth)
  const deliveries: JudgedDelivery[] = []
  const falseJoins: string[] = []
  let wholeOrders = 0
  let ordersFoundByName = 0
  let deadLetters = 0
  let deadLettersFound = 0
  for (const order of truth.orders) {
    const found = await findFlows(order, messages, read)
    const [main] = found
    const judged = main?.judged ?? judgeOrder(order, null, messages)
    // Parts of an order that nothing ties together are still read: what they join counts, and that they are apart is said.
    const best = judged.deliveries.map((delivery, at) => {
      const apart = found.find((one) => one.judged.deliveries[at]?.isJoined === true)?.judged.deliveries[at]
      return delivery.isJoined || apart === undefined ? delivery : { ...apart, isApart: true }
    })
    deliveries.push(...best)
    falseJoins.push(...new Set(found.flatMap((one) => one.judged.falseHops.map((hop) => `${order.order}: ${hop}`))))
    if (judged.deliveries.every(({ isJoined }) => isJoined)) wholeOrders += 1
    if (main !== undefined && !isTraceId(main.id)) ordersFoundByName += 1
    if (judged.hasDeadLetter) deadLetters += 1
    if (judged.isDeadLetterFound) deadLettersFound += 1
  }
  const joined = deliveries.filter(({ isJoined }) => isJoined)
  return {
    scenario,
    deliveries: deliveries.length,
    joined: joined.length,
    apart: joined.filter(({ isApart }) => isApart === true).length,
    falseJoins,
    unknown: countBy(deliveries.flatMap(({ reason }) => reason ?? [])),
    orders: truth.orders.length,
    wholeOrders,
    ordersFoundByName,
    deadLetters,
    deadLettersFound,
    facts: countFacts(joined),
    joinedBy: countBy(joined.flatMap(({ joinedBy }) => joinedBy ?? [])),
    notes: deliveries
      .filter(({ facts, reason }) => reason !== null || Object.values(facts ?? {}).some((fact) => fact !== 'right'))
      .map(({ reason, note }) => (reason === null ? note : `${note}: ${reason}`)),
  }
}

const isTraceId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id)

interface FoundFlow {
  readonly id: string
  readonly judged: JudgedOrder
}

/** The flow that the best known id of an order opens, and, while deliveries are missing, those of its other ids. */
async function findFlows(
  order: TrueOrder,
  messages: MessageFinder,
  read: (id: string) => Promise<Flow>,
): Promise<readonly FoundFlow[]> {
  const found: FoundFlow[] = []
  const seen = new Set<string>()
  for (const id of order.ids) {
    const flow = await readOrNull(id, read)
    // Dead letters alone are not yet the flow of an order.
    if (flow === null || flow.summary.spanCount === 0 || seen.has(flow.summary.flowKey)) continue
    seen.add(flow.summary.flowKey)
    found.push({ id, judged: judgeOrder(order, flow, messages) })
    if (order.messages.length === 0 || isComplete(found)) break
  }
  return found
}

const isComplete = (found: readonly FoundFlow[]): boolean =>
  (found[0]?.judged.deliveries ?? []).every((_, at) =>
    found.some(({ judged }) => judged.deliveries[at]?.isJoined === true),
  )

async function readOrNull(id: string, read: (id: string) => Promise<Flow>): Promise<Flow | null> {
  try {
    return await read(id)
  } catch (error) {
    if (toFailure(error).code !== 'not-found') throw error
    return null
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

function countFacts(joined: readonly JudgedDelivery[]): JudgedCapture['facts'] {
  const counts = Object.fromEntries(JUDGED_FACTS.map((fact) => [fact, { right: 0, unknown: 0, wrong: 0 }])) as Record<
    JudgedFact,
    Record<FactVerdict, number>
  >
  for (const { facts } of joined) for (const fact of JUDGED_FACTS) if (facts !== null) counts[fact][facts[fact]] += 1
  return counts
}
