import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'
import type { Fingerprint } from '#domain/dead-letter/dead-letter.ts'

/** A dead letter whose failing span is to be looked for now. */
export interface DueWitness {
  readonly id: number
  readonly tryCount: number
  readonly lacksReason: boolean
  readonly deadAtMs: number
  readonly consumerGroup: string | null
  readonly originDestination: string | null
  readonly originPosition: string | null
  readonly traceId: string | null
  readonly spanId: string | null
  readonly dialect: string
  readonly headers: readonly StoredHeader[]
  readonly payload: Uint8Array | null
}

/** Those without a reason first; each of them is put off by a minute, so that a crash does not leave it forgotten. */
export async function takeDueWitnesses(database: Database, limit: number): Promise<readonly DueWitness[]> {
  const due = (lacksReason: boolean) => sql`(
    select dead_letter_id, lacks_reason from dead_letter_witness
    where due_at is not null and lacks_reason = ${lacksReason} and due_at <= (select clock_timestamp())
    order by due_at limit ${limit} for update skip locked)`
  const { rows } = await database.execute<Row<DueWitness>>(sql`
    with reasonless as ${due(true)}, others as ${due(false)}, taken as (
      update dead_letter_witness w set due_at = clock_timestamp() + interval '1 minute'
      from (select * from (select * from reasonless union all select * from others) all_due
            order by lacks_reason desc limit ${limit}) chosen
      where w.dead_letter_id = chosen.dead_letter_id
      returning w.dead_letter_id, w.try_count, w.lacks_reason
    )
    select dl.id::float8 as id, taken.try_count as "tryCount", taken.lacks_reason as "lacksReason",
      (extract(epoch from dl.dead_at) * 1000)::float8 as "deadAtMs", dl.consumer_group as "consumerGroup",
      dl.origin_destination as "originDestination", dl.origin_position as "originPosition", dl.trace_id as "traceId",
      dl.span_id as "spanId", dl.dialect, dl.headers, dl.payload
    from taken join dead_letter dl on dl.id = taken.dead_letter_id`)
  return rows
}

/** Who failed on a dead letter, and by what that is known. */
export interface FoundWitness {
  readonly id: number
  readonly foundBy: 'trace-parent' | 'message-id' | 'position'
  readonly traceId: string
  readonly spanId: string
  readonly service: string
  /** null keeps what a header says. */
  readonly serviceVersion: string | null
}

/** Notes who failed; nothing is looked for any more. */
export async function saveWitnesses(database: Database, found: readonly FoundWitness[]): Promise<void> {
  if (found.length === 0) return
  const column = (read: (one: FoundWitness) => string | number | null) => sql.param(found.map(read))
  await database.execute(sql`
    update dead_letter_witness w
    set due_at = null, found_by = f.found_by, trace_id = f.trace_id, span_id = f.span_id, service = f.service,
      service_version = coalesce(f.version, w.service_version)
    from unnest(${column((one) => one.id)}::bigint[], ${column((one) => one.foundBy)}::text[],
      ${column((one) => one.traceId)}::text[], ${column((one) => one.spanId)}::text[],
      ${column((one) => one.service)}::text[], ${column((one) => one.serviceVersion)}::text[]
    ) as f(id, found_by, trace_id, span_id, service, version)
    where w.dead_letter_id = f.id`)
}

/** When each is looked for again, from now; null gives it up. */
export async function putOffWitnesses(
  database: Database,
  missed: readonly { readonly id: number; readonly waitMs: number | null }[],
): Promise<void> {
  if (missed.length === 0) return
  await database.execute(sql`
    update dead_letter_witness w
    set try_count = w.try_count + 1, due_at = clock_timestamp() + m.wait_ms * interval '1 millisecond'
    from unnest(${sql.param(missed.map(({ id }) => id))}::bigint[],
      ${sql.param(missed.map(({ waitMs }) => waitMs))}::float8[]) as m(id, wait_ms)
    where w.dead_letter_id = m.id`)
}

/** What a span says of a death whose message gives no reason. */
export interface TakenReason {
  readonly id: number
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly stack: string | null
  readonly fingerprint: Fingerprint
}

/** Gives open dead letters the reason that their spans have, and moves them to its failure group. */
export async function takeReasons(database: Database, reasons: readonly TakenReason[]): Promise<void> {
  if (reasons.length === 0) return
  const column = (read: (one: TakenReason) => string | number | null) => sql.param(reasons.map(read))
  await database.execute(sql`
    with moved as (
      update dead_letter dl
      set exception_class = r.class, exception_message = coalesce(r.message, dl.exception_message), stack = r.stack,
        fingerprint = r.fingerprint, fingerprint_title = r.title
      from unnest(${column((one) => one.id)}::bigint[], ${column((one) => one.exceptionClass)}::text[],
        ${column((one) => one.exceptionMessage)}::text[], ${column((one) => one.stack)}::text[],
        ${column((one) => one.fingerprint.hash)}::text[], ${column((one) => one.fingerprint.title)}::text[]
      ) as r(id, class, message, stack, fingerprint, title)
      where dl.id = r.id and dl.state = 'open' and dl.exception_class is null and dl.stack is null
      returning dl.id, dl.fingerprint
    )
    update dead_letter_witness w set fingerprint = moved.fingerprint, is_reason_taken = true
    from moved where w.dead_letter_id = moved.id`)
}

/** A version of a service that was seen failing on letters of a failure group. */
export interface FailingVersion {
  /** null where only a header tells the version. */
  readonly service: string | null
  readonly version: string | null
  readonly isByHeader: boolean
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

export interface GroupWitnesses {
  /** Last seen first, at most 20. */
  readonly versions: readonly FailingVersion[]
  /** Letters whose failing span was looked for, found, and is still looked for. */
  readonly soughtCount: number
  readonly foundCount: number
  readonly waitingCount: number
  /** Letters whose exception is taken from their span. */
  readonly takenCount: number
  /** The failing span of the latest of them. */
  readonly latest: { readonly traceId: string; readonly spanId: string; readonly service: string } | null
}

/** Who was seen failing in a failure group, over every state. A version that nobody named is null. */
export async function readGroupWitnesses(database: Database, fingerprint: string): Promise<GroupWitnesses> {
  const [sums, versions, latest] = await Promise.all([
    database.execute<Row<Omit<GroupWitnesses, 'versions' | 'latest'>>>(sql`
      select count(*)::int as "soughtCount", count(span_id)::int as "foundCount", count(due_at)::int as "waitingCount",
        (count(*) filter (where is_reason_taken))::int as "takenCount"
      from dead_letter_witness where fingerprint = ${fingerprint}`),
    database.execute<Row<FailingVersion>>(sql`
      select service, service_version as version, bool_and(span_id is null) as "isByHeader", count(*)::int as count,
        (extract(epoch from min(dead_at)) * 1000)::float8 as "firstAtMs",
        (extract(epoch from max(dead_at)) * 1000)::float8 as "lastAtMs"
      from dead_letter_witness
      where fingerprint = ${fingerprint} and (service is not null or service_version is not null)
      group by 1, 2 order by max(dead_at) desc, 1, 2 limit 20`),
    database.execute<Row<NonNullable<GroupWitnesses['latest']>>>(sql`
      select trace_id as "traceId", span_id as "spanId", service from dead_letter_witness
      where fingerprint = ${fingerprint} and span_id is not null order by dead_at desc limit 1`),
  ])
  const [counts] = sums.rows
  if (counts === undefined) throw new Error('an aggregate without a row')
  return { ...counts, versions: versions.rows, latest: latest.rows[0] ?? null }
}

/** Who failed on one dead letter. */
export interface LetterWitness {
  readonly foundBy: 'trace-parent' | 'message-id' | 'position' | 'header' | null
  readonly traceId: string | null
  readonly spanId: string | null
  readonly service: string | null
  readonly serviceVersion: string | null
  readonly isReasonTaken: boolean
  readonly isSought: boolean
}

/** null when nobody was looked for. */
export async function findWitness(database: Database, deadLetterId: string): Promise<LetterWitness | null> {
  const { rows } = await database.execute<Row<LetterWitness>>(sql`
    select found_by as "foundBy", trace_id as "traceId", span_id as "spanId", service,
      service_version as "serviceVersion", is_reason_taken as "isReasonTaken", due_at is not null as "isSought"
    from dead_letter_witness where dead_letter_id = ${Number(deadLetterId)}`)
  return rows[0] ?? null
}
