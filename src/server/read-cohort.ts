import { type ComparedFlow, cutComparedFlow } from '#domain/comparison/path-step.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Runtime } from '#server/runtime.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** Flows of a cohort that are read, and spans of each. */
const COHORT_FLOWS = 400
const COHORT_SPANS = 2_000
const AT_ONCE = 4
/** A side that takes longer is compared by what was read of it until then. */
const BUDGET_MS = 4_000
/** A window with more flows than are read is read in so many stretches, so that the whole of it has its say. */
const STRETCHES = 8
const PAGE = 200
const NO_MATCH = { id: null, destination: null, status: 'all', minDurationUs: null, cursor: null } as const
/** Where flows of a version are looked for: ends of windows, this long before now. */
const PROBE_AGES_MS = [0, 900_000, 3_600_000, 3 * 3_600_000, 6 * 3_600_000, 12 * 3_600_000, 24 * 3_600_000]
const DAY_MS = 86_400_000

export interface Cohort {
  readonly flows: readonly ComparedFlow[]
  readonly size: CohortSize
}

/** How much of a side the compared flows are. */
export interface CohortSize {
  /** Flows that belong to the side; null = nobody counted them. */
  readonly totalCount: number | null
  /** The total is extrapolated from a part of the rows. */
  readonly isEstimate: boolean
  /** Flows that were read to find those that belong. */
  readonly lookedAtCount: number
}

type Wanted = (span: { readonly service: string; readonly serviceVersion: string | null }) => boolean

/** Flows that began in the window: all of them up to a bound, beyond it as many from each stretch of it. */
export async function readWindowCohort(runtime: Runtime, fromMs: number, toMs: number): Promise<Cohort> {
  const window = { ...NO_MATCH, fromUs: fromMs * 1_000, toUs: toMs * 1_000, service: null, limit: PAGE }
  const { buckets, sampleFactor } = await runtime.telemetry.countFlows(window, window.toUs - window.fromUs)
  const counted = buckets.reduce((sum, { count }) => sum + count, 0)
  const stretchCount = counted > COHORT_FLOWS ? STRETCHES : 1
  const stretchUs = Math.ceil((window.toUs - window.fromUs) / stretchCount)
  const stretches = await Promise.all(
    Array.from({ length: stretchCount }, (_, index) => {
      const fromUs = window.fromUs + index * stretchUs
      const stretch = { ...window, fromUs, toUs: Math.min(window.toUs, fromUs + stretchUs) }
      return listKeys(runtime, stretch, COHORT_FLOWS / stretchCount)
    }),
  )
  const reading = new CohortReading(runtime)
  await reading.read(takeTurns(stretches), () => true)
  return reading.finish(Math.max(counted, reading.readCount), sampleFactor > 1)
}

/** Newest flows of a service whose spans say the version, from a few moments of the last day. */
export async function readVersionCohort(runtime: Runtime, service: string, version: string): Promise<Cohort> {
  const reading = new CohortReading(runtime)
  for (const ageMs of PROBE_AGES_MS) {
    if (reading.isOver) break
    const toUs = (runtime.nowMs() - ageMs) * 1_000
    const query = { ...NO_MATCH, fromUs: toUs - DAY_MS * 1_000, toUs, service, limit: PAGE }
    const keys = await listKeys(runtime, query, PAGE)
    await reading.read(keys, (one) => one.service === service && one.serviceVersion === version)
  }
  return reading.finish(null, false)
}

async function listKeys(runtime: Runtime, query: FlowQuery, most: number): Promise<readonly string[]> {
  const keys: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Runtime['telemetry']['listFlows']>> = await runtime.telemetry.listFlows({
      ...query,
      limit: Math.min(PAGE, most - keys.length),
      cursor,
    })
    keys.push(...page.flows.map(({ flowKey }) => flowKey))
    cursor = page.nextCursor
  } while (cursor !== null && keys.length < most)
  return keys
}

/** One of each list after the other, so that what is read first is of all of them. */
function takeTurns(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat()
}

/** Reads flows a few at a time, each once, until there are enough or the time is up; keeps those with a wanted span. */
class CohortReading {
  readonly #runtime: Runtime
  readonly #deadlineMs = performance.now() + BUDGET_MS
  readonly #seen = new Set<string>()
  readonly #found = new Map<string, ComparedFlow>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get isOver(): boolean {
    return this.#found.size >= COHORT_FLOWS || performance.now() >= this.#deadlineMs
  }

  get readCount(): number {
    return this.#seen.size
  }

  async read(keys: readonly string[], isWanted: Wanted): Promise<void> {
    const fresh = keys.filter((key) => !this.#seen.has(key))
    for (let at = 0; at < fresh.length && !this.isOver; at += AT_ONCE) {
      const some = fresh.slice(at, at + AT_ONCE)
      for (const key of some) this.#seen.add(key)
      const flows = some.map((key) => this.#runtime.telemetry.readFlowSpans(key, COHORT_SPANS, 'all'))
      for (const read of await Promise.all(flows)) {
        if (!read.spans.some((span) => isWanted(span))) continue
        // Dead letters and operations are left out: reading them for every flow of a cohort would cost more than the spans.
        const flow = cutComparedFlow(assembleFlow({ ...read, deadLetters: [], operationItems: [] }), null)
        this.#found.set(flow.flowKey, flow)
      }
    }
  }

  finish(totalCount: number | null, isEstimate: boolean): Cohort {
    const flows = [...this.#found.values()].slice(0, COHORT_FLOWS)
    return { flows, size: { totalCount, isEstimate, lookedAtCount: this.#seen.size } }
  }
}
