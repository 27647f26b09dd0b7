import type pg from 'pg'
import { Failure } from '#domain/failure.ts'
import { arrayOfPlain, arrayOfTexts } from '#telemetry-store/postgres/array-literal.ts'
import { dayText } from '#telemetry-store/postgres/copy-row.ts'
import type { BurstStatement } from '#telemetry-store/postgres/send-burst.ts'

/** What the database knows of a unit: whether something of it is stored, and what of it was dropped. */
export interface KnownUnit {
  readonly unit: string
  readonly isKept: boolean
  readonly isDropped: boolean
  readonly firstUs: number | null
}

/** Spans of one hour and destination. */
export interface SamplingCount {
  readonly hourS: number
  readonly destination: string
  readonly received: number
  readonly kept: number
  readonly dropped: number
}

export interface StoredRequest {
  readonly id: string
  readonly body: Buffer
  readonly isJson: boolean
  readonly receivedMs: number
  readonly pending: readonly string[]
}

const HOLD_SECONDS = 60

/** What is stored of these units, by this or any other collector, and which of them have dead letters at their broker. */
export async function readKnownUnits(pool: pg.Pool, units: readonly string[]): Promise<readonly KnownUnit[]> {
  if (units.length === 0) return []
  const found = await pool.query<{ unit: string; is_kept: boolean; first_us: string | null }>({
    name: 'sampling-known-units',
    text: `select u.unit, d.first_us,
             case when u.unit like 'k%' then exists (select from flow f where f.flow_key = substr(u.unit, 2))
                    or exists (select from dead_letter l where l.correlation_id = substr(u.unit, 2))
                  else exists (select from flow_member m where m.trace_id = substr(u.unit, 2)::uuid) 
                    or exists (select from dead_letter l where l.trace_id = substr(u.unit, 2)) end as is_kept
           from unnest($1::text[]) as u (unit)
           left join lateral (select min(first_us) as first_us from sampling_drop s where s.unit = u.unit) d on true`,
    values: [units],
  })
  return found.rows.map((row) => ({
    unit: row.unit,
    isKept: row.is_kept,
    isDropped: row.first_us !== null,
    firstUs: row.first_us === null ? null : Number(row.first_us),
  }))
}

/** Makes a request durable of which spans wait. */
export async function insertRequest(client: pg.ClientBase, request: StoredRequest, holder: string): Promise<void> {
  await client.query({
    name: 'sampling-insert-request',
    text: `insert into sampling_request (request_id, received_at, held_until, holder, is_json, pending, body)
           values ($1, to_timestamp($2 / 1000.0), now() + interval '${HOLD_SECONDS} seconds', $3, $4, $5, $6)`,
    values: [request.id, request.receivedMs, holder, request.isJson, request.pending, request.body],
  })
}

/**
 * Notes that of a request only these units still wait.
 * @throws Failure `conflict` when another collector has taken it over: nothing may be decided for it here then.
 */
export async function updateRequest(
  client: pg.ClientBase,
  requestId: string,
  pending: readonly string[],
  holder: string,
): Promise<void> {
  const { rowCount } =
    pending.length === 0
      ? await client.query('delete from sampling_request where request_id = $1 and holder = $2', [requestId, holder])
      : await client.query('update sampling_request set pending = $3 where request_id = $1 and holder = $2', [
          requestId,
          holder,
          pending,
        ])
  if (rowCount !== 1) throw new Failure('conflict', 'another collector has taken over a request that waited here')
}

/** Adds to what was dropped of units; in the same order in all collectors. */
export async function addDrops(
  client: pg.ClientBase,
  drops: readonly { readonly unit: string; readonly spanCount: number; readonly firstUs: number }[],
  day: number,
): Promise<void> {
  if (drops.length === 0) return
  const sorted = drops.toSorted((left, right) => (left.unit < right.unit ? -1 : 1))
  await client.query({
    name: 'sampling-add-drops',
    text: `insert into sampling_drop (unit, span_count, first_us, ingest_day)
           select unit, span_count, first_us, $4::date from unnest($1::text[], $2::int[], $3::bigint[]) as new (unit, span_count, first_us)
           on conflict (unit, ingest_day) do update set span_count = sampling_drop.span_count + excluded.span_count,
             first_us = least(sampling_drop.first_us, excluded.first_us)`,
    values: [
      sorted.map(({ unit }) => unit),
      sorted.map(({ spanCount }) => spanCount),
      sorted.map(({ firstUs }) => firstUs),
      dayText(day),
    ],
  })
}

/** Adds to the counts, the same row more than once if need be. The last statement of its transaction: all collectors add to the same few rows. */
export const addCounts = (counts: readonly SamplingCount[]): readonly BurstStatement[] =>
  counts.length === 0
    ? []
    : [
        {
          name: 'sampling-add-counts',
          text: `insert into sampling_count (hour_s, destination, received_count, kept_count, dropped_count)
           select hour_s, destination, sum(received), sum(kept), sum(dropped)
           from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as new (hour_s, destination, received, kept, dropped)
           group by hour_s, destination order by hour_s, destination
           on conflict (hour_s, destination) do update set
             received_count = sampling_count.received_count + excluded.received_count,
             kept_count = sampling_count.kept_count + excluded.kept_count,
             dropped_count = sampling_count.dropped_count + excluded.dropped_count`,
          values: [
            arrayOfPlain(counts.map(({ hourS }) => hourS)),
            arrayOfTexts(counts.map(({ destination }) => destination)),
            arrayOfPlain(counts.map(({ received }) => received)),
            arrayOfPlain(counts.map(({ kept }) => kept)),
            arrayOfPlain(counts.map(({ dropped }) => dropped)),
          ],
        },
      ]

/** Whether flows wait that were undecided when every flow was not kept. */
export async function hasWaitingRequests(pool: pg.Pool): Promise<boolean> {
  return ((await pool.query('select from sampling_request limit 1')).rowCount ?? 0) > 0
}

/** Says that this collector lives, and takes over what waits at those that do not; at most 200 requests at a time. */
export async function claimRequests(pool: pg.Pool, holder: string): Promise<readonly StoredRequest[]> {
  const until = `now() + interval '${HOLD_SECONDS} seconds'`
  await pool.query(`update sampling_request set held_until = ${until} where holder = $1`, [holder])
  const found = await pool.query<{
    request_id: string
    received_ms: string
    is_json: boolean
    pending: string[]
    body: Buffer
  }>(
    `update sampling_request set holder = $1, held_until = ${until} where request_id in (
       select request_id from sampling_request where held_until < now() order by held_until limit 200 for update skip locked)
     returning request_id, extract(epoch from received_at) * 1000 as received_ms, is_json, pending, body`,
    [holder],
  )
  return found.rows.map((row) => ({
    id: row.request_id,
    receivedMs: Number(row.received_ms),
    isJson: row.is_json,
    pending: row.pending,
    body: row.body,
  }))
}

/** Counts are kept as long as the charts, requests and drops go by themselves or with the spans. */
export async function retainSamplingCounts(pool: pg.Pool, days: number): Promise<void> {
  await pool.query('delete from sampling_count where hour_s < extract(epoch from now()) - $1 * 86400', [days])
}
