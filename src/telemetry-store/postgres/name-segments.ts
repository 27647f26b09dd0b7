import type pg from 'pg'
import { LONG_FLOW_US } from '#telemetry-store/postgres/flow-conditions.ts'
import { hashOfMark, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { MINUTE_US } from '#telemetry-store/postgres/name-minutes.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** More minutes than this are asked for when the search gets there. */
const MINUTES_AT_ONCE = 500

/** A part of the window, by when flows began; of `isLongOnly` parts only long flows can have what is asked for. */
export interface Segment {
  readonly fromUs: number
  readonly toUs: number
  readonly isLongOnly: boolean
}

interface Name {
  readonly kind: number
  readonly value: string
}

interface Minutes {
  /** Newest first. */
  readonly startsUs: readonly number[]
  /** Minutes that begin at or after this are known. */
  readonly knownFromUs: number
}

/**
 * Parts the window into those minutes in which a name came up and the rest, newest first. A flow that names somebody in
 * a minute began in it, or up to ten seconds before, or is long. Without a name there is one part: the window.
 */
export async function* segmentsOf(pool: pg.Pool, query: FlowQuery): AsyncGenerator<Segment> {
  const names = namesOf(query)
  const floorUs = names.length === 0 ? Number.POSITIVE_INFINITY : await readFloor(pool)
  let topUs = query.toUs
  if (floorUs < topUs) {
    const name = await rarest(pool, names, Math.max(query.fromUs, floorUs))
    for (let beforeUs = Number.MAX_SAFE_INTEGER; topUs > Math.max(query.fromUs, floorUs);) {
      const minutes = await readMinutes(pool, name, Math.max(query.fromUs, floorUs), beforeUs)
      const bottomUs = Math.max(query.fromUs, floorUs, minutes.knownFromUs)
      yield* partByMinutes(minutes.startsUs, bottomUs, topUs)
      topUs = Math.min(topUs, bottomUs)
      beforeUs = minutes.knownFromUs - MINUTE_US + 1
    }
  }
  if (topUs > query.fromUs) yield { fromUs: query.fromUs, toUs: topUs, isLongOnly: false }
}

/** The parts of [bottomUs, topUs), newest first. Exported for its test. */
export function* partByMinutes(startsUs: readonly number[], bottomUs: number, topUs: number): Generator<Segment> {
  let restUs = topUs
  let open: { fromUs: number; toUs: number } | null = null
  const close = function* (): Generator<Segment> {
    if (open === null || open.fromUs >= open.toUs) return
    if (open.toUs < restUs) yield { fromUs: open.toUs, toUs: restUs, isLongOnly: true }
    yield { ...open, isLongOnly: false }
    restUs = open.fromUs
  }
  for (const startUs of startsUs) {
    const fromUs = Math.max(bottomUs, startUs - LONG_FLOW_US)
    const toUs = Math.min(restUs, startUs + MINUTE_US)
    if (toUs <= bottomUs || fromUs >= toUs) continue
    if (open !== null && toUs >= open.fromUs) open.fromUs = Math.min(open.fromUs, fromUs)
    else {
      yield* close()
      open = { fromUs, toUs: Math.min(restUs, toUs) }
    }
  }
  yield* close()
  if (bottomUs < restUs) yield { fromUs: bottomUs, toUs: restUs, isLongOnly: true }
}

function namesOf({ service, destination, consumerGroup }: FlowQuery): readonly Name[] {
  const names: Name[] = []
  if (service !== null) names.push({ kind: MARK.service, value: hashOfMark(service) })
  if (destination !== null) names.push({ kind: MARK.destination, value: hashOfMark(destination) })
  if (consumerGroup) names.push({ kind: MARK.consumerGroup, value: hashOfMark(consumerGroup) })
  return names
}

/** Flows that began before this may have names that were not posted. */
async function readFloor(pool: pg.Pool): Promise<number> {
  const found = await pool.query<{ from_us: string }>({
    name: 'telemetry-names-floor',
    text: 'select from_us from names_posted_from',
  })
  return Number(found.rows[0]?.from_us ?? Number.POSITIVE_INFINITY)
}

async function rarest(pool: pg.Pool, names: readonly Name[], fromUs: number): Promise<Name> {
  const counted = await Promise.all(
    names.map(async (name) => {
      const { startsUs } = await readMinutes(pool, name, fromUs, Number.MAX_SAFE_INTEGER)
      return { name, count: startsUs.length }
    }),
  )
  const [first] = counted.toSorted((left, right) => left.count - right.count)
  if (first === undefined) throw new Error('no name to look for')
  return first.name
}

/** A flow of the window may have named somebody long after its end: there is no upper bound but where it goes on. */
async function readMinutes(pool: pg.Pool, name: Name, fromUs: number, beforeUs: number): Promise<Minutes> {
  const found = await pool.query<{ at_us: string }>({
    name: 'telemetry-name-minutes',
    text: `select distinct at_us from flow_mark where kind >= 3 and kind = $1 and value = $2::bigint
             and at_us > $3::bigint - ${MINUTE_US} and at_us < $4::bigint
           order by at_us desc limit ${MINUTES_AT_ONCE}`,
    values: [name.kind, name.value, fromUs, beforeUs],
  })
  const startsUs = found.rows.map((row) => Number(row.at_us))
  const last = startsUs.at(-1)
  // Of the last minute it is not known what is before it.
  return { startsUs, knownFromUs: startsUs.length < MINUTES_AT_ONCE || last === undefined ? 0 : last + MINUTE_US }
}
