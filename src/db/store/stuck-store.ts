import { and, eq, isNull, sql, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { cutPage, decodeCursor } from '#db/page-cursor.ts'
import type { Row } from '#db/row.ts'
import { groupLag } from '#db/schema/cluster.ts'
import { deliveryDeadline, stuckDelivery, stuckSweep } from '#db/schema/stuck.ts'

/** What is written down; the generated columns aside. */
export type NewStuckDelivery = Omit<
  typeof stuckDelivery.$inferInsert,
  'id' | 'checkedAt' | 'resolvedAt' | 'resolution' | 'messageCount'
> & { readonly messageCount: number }

const CHUNK = 500

/**
 * Writes verdicts down. A row that is there is renewed; the counted rest of a group grows by what is new. A row that was
 * resolved opens again when the same message is found waiting after all.
 */
export async function saveStuck(database: Database, rows: readonly NewStuckDelivery[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) {
    await database
      .insert(stuckDelivery)
      .values(rows.slice(at, at + CHUNK))
      .onConflictDoUpdate({
        target: [stuckDelivery.clusterId, stuckDelivery.groupName, stuckDelivery.readFrom, stuckDelivery.subject],
        set: {
          verdict: sql`excluded.verdict`,
          sentence: sql`excluded.sentence`,
          advice: sql`excluded.advice`,
          lane: sql`excluded.lane`,
          expectedMs: sql`excluded.expected_ms`,
          messageCount: sql`case when stuck_delivery.subject not like 'more:%' then 1
            when stuck_delivery.resolved_at is null then stuck_delivery.message_count + excluded.message_count
            else excluded.message_count end`,
          sentAt: sql`case when stuck_delivery.resolved_at is null then least(stuck_delivery.sent_at, excluded.sent_at) else excluded.sent_at end`,
          newestSentAt: sql`greatest(stuck_delivery.newest_sent_at, excluded.newest_sent_at)`,
          checkedAt: sql`now()`,
          resolvedAt: null,
          resolution: null,
        },
      })
  }
}

export type OpenStuckDelivery = typeof stuckDelivery.$inferSelect

/** Those that were not looked at for the longest time, first. */
export async function listOpenStuck(database: Database, limit: number): Promise<readonly OpenStuckDelivery[]> {
  return database
    .select()
    .from(stuckDelivery)
    .where(isNull(stuckDelivery.resolvedAt))
    .orderBy(stuckDelivery.checkedAt)
    .limit(limit)
}

/** How many messages have a row of their own, by group. */
export async function countOpenStuck(
  database: Database,
): Promise<
  readonly { readonly clusterId: string; readonly group: string; readonly readFrom: string; readonly count: number }[]
> {
  return database
    .select({
      clusterId: stuckDelivery.clusterId,
      group: stuckDelivery.groupName,
      readFrom: stuckDelivery.readFrom,
      count: sql<number>`count(*)::int`,
    })
    .from(stuckDelivery)
    .where(and(isNull(stuckDelivery.resolvedAt), sql`${stuckDelivery.subject} not like 'more:%'`))
    .groupBy(stuckDelivery.clusterId, stuckDelivery.groupName, stuckDelivery.readFrom)
}

export interface StuckRenewal {
  readonly id: number
  readonly verdict: OpenStuckDelivery['verdict']
  readonly sentence: string
  readonly advice: string | null
  readonly messageCount: number
  /** Nothing of it was sent earlier than this; null = as it is. */
  readonly sinceMs: number | null
  /** How it ended, in words; null = it has not. */
  readonly resolution: string | null
}

/** What another look at open rows found, in one statement. */
export async function renewStuck(database: Database, renewals: readonly StuckRenewal[]): Promise<void> {
  if (renewals.length === 0) return
  const column = <Value>(read: (renewal: StuckRenewal) => Value) => sql.param(renewals.map(read))
  await database.execute(sql`
    update stuck_delivery set verdict = seen.verdict, sentence = seen.sentence, advice = seen.advice,
      message_count = seen.message_count,
      sent_at = greatest(sent_at, date_trunc('milliseconds', to_timestamp(seen.since_ms / 1000))), checked_at = now(), resolution = seen.resolution,
      resolved_at = case when seen.resolution is null then null else now() end
    from unnest(${column(({ id }) => id)}::bigint[], ${column(({ verdict }) => verdict)}::text[],
      ${column(({ sentence }) => sentence)}::text[], ${column(({ advice }) => advice)}::text[],
      ${column(({ messageCount }) => messageCount)}::int[], ${column(({ resolution }) => resolution)}::text[],
      ${column(({ sinceMs }) => sinceMs)}::float8[])
      as seen (id, verdict, sentence, advice, message_count, resolution, since_ms)
    where stuck_delivery.id = seen.id`)
}

/** How far each step of allowed time was swept, in microseconds since the epoch. */
export async function readSweptTo(database: Database): Promise<ReadonlyMap<number, number>> {
  const rows = await database.select().from(stuckSweep).limit(1_000)
  return new Map(rows.map(({ expectedMs, sweptToUs }) => [expectedMs, sweptToUs]))
}

export async function saveSweptTo(database: Database, expectedMs: number, sweptToUs: number): Promise<void> {
  const row = { expectedMs, sweptToUs: Math.floor(sweptToUs) }
  await database
    .insert(stuckSweep)
    .values(row)
    .onConflictDoUpdate({ target: stuckSweep.expectedMs, set: { sweptToUs: row.sweptToUs } })
}

export interface LearntDeadline {
  readonly readFrom: string
  readonly group: string
  readonly learntMs: number
  readonly sampleCount: number
}

/** Allowed times by `[read from, group]` as JSON; what a person set goes before what was learnt. */
export async function readDeadlines(database: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await database
    .select()
    .from(deliveryDeadline)
    .orderBy(sql`set_ms is null`)
    .limit(10_000)
  return new Map(
    rows.flatMap((row) => {
      const ms = row.setMs ?? row.learntMs
      return ms === null ? [] : [[JSON.stringify([row.readFrom, row.groupName]), ms] as const]
    }),
  )
}

export async function saveLearntDeadlines(database: Database, learnt: readonly LearntDeadline[]): Promise<void> {
  for (let at = 0; at < learnt.length; at += CHUNK) {
    await database
      .insert(deliveryDeadline)
      .values(
        learnt.slice(at, at + CHUNK).map(({ group, ...one }) => ({ ...one, groupName: group, learntAt: sql`now()` })),
      )
      .onConflictDoUpdate({
        target: [deliveryDeadline.readFrom, deliveryDeadline.groupName],
        set: { learntMs: sql`excluded.learnt_ms`, sampleCount: sql`excluded.sample_count`, learntAt: sql`now()` },
      })
  }
}

export interface StuckQuery {
  readonly destination: string | null
  readonly group: string | null
  readonly limit: number
  readonly cursor: string | null
}

const cursorSchema = z.tuple([z.number(), z.number()])

const columns = {
  id: stuckDelivery.id,
  clusterId: stuckDelivery.clusterId,
  group: stuckDelivery.groupName,
  destination: stuckDelivery.destination,
  readFrom: stuckDelivery.readFrom,
  subject: stuckDelivery.subject,
  senderService: stuckDelivery.senderService,
  flowKey: stuckDelivery.flowKey,
  verdict: stuckDelivery.verdict,
  sentence: stuckDelivery.sentence,
  advice: stuckDelivery.advice,
  messageCount: stuckDelivery.messageCount,
  expectedMs: stuckDelivery.expectedMs,
  sentAtMs: epochMs(stuckDelivery.sentAt),
  checkedAtMs: epochMs(stuckDelivery.checkedAt),
  groupState: groupLag.state,
}

/** Messages that are past their time, the oldest first; keyset pages. */
export async function listStuck(database: Database, query: StuckQuery) {
  const conditions: SQL[] = [isNull(stuckDelivery.resolvedAt)]
  if (query.destination !== null) conditions.push(eq(stuckDelivery.destination, query.destination))
  if (query.group !== null) conditions.push(eq(stuckDelivery.groupName, query.group))
  if (query.cursor !== null) {
    const [sentAtMs, id] = decodeCursor(cursorSchema, query.cursor)
    conditions.push(
      sql`(${stuckDelivery.sentAt}, ${stuckDelivery.id}) > (to_timestamp(${sentAtMs}::float8 / 1000), ${id})`,
    )
  }
  const found = await database
    .select(columns)
    .from(stuckDelivery)
    .leftJoin(
      groupLag,
      and(
        eq(groupLag.clusterId, stuckDelivery.clusterId),
        eq(groupLag.groupName, stuckDelivery.groupName),
        eq(groupLag.destination, stuckDelivery.readFrom),
      ),
    )
    .where(and(...conditions))
    .orderBy(stuckDelivery.sentAt, stuckDelivery.id)
    .limit(query.limit + 1)
  const { rows, nextCursor } = cutPage(found, query.limit, (row) => [row.sentAtMs, row.id])
  const deliveries = rows.map(({ clusterId, subject, ...row }) => ({
    ...row,
    clusterId: clusterId === '' ? null : clusterId,
    /** One row that stands for many messages. */
    isCounted: subject.startsWith('more:'),
  }))
  return { deliveries, nextCursor }
}

/** Messages that one group holds, or that nobody knows of, where no lag state says so already. */
export interface StuckGroup {
  readonly clusterId: string | null
  readonly group: string
  readonly destination: string
  readonly messageCount: number
  readonly sinceMs: number
  readonly sentence: string
}

export async function listStuckGroups(database: Database, limit: number): Promise<readonly StuckGroup[]> {
  const { rows } = await database.execute<Row<StuckGroup>>(sql`
    select nullif(s.cluster_id, '') as "clusterId", s.group_name as "group", s.destination,
           sum(s.message_count)::int as "messageCount", (extract(epoch from min(s.sent_at)) * 1000)::float8 as "sinceMs",
           (array_agg(s.sentence order by s.sent_at))[1] as sentence
    from stuck_delivery s
    left join group_lag l on l.cluster_id = s.cluster_id and l.group_name = s.group_name and l.destination = s.read_from
    where s.resolved_at is null and s.verdict <> 'passed'
      and coalesce(l.state, '') not in ('DATA_LOSS', 'STOPPED', 'STALLED', 'REWOUND', 'LAGGING', 'ORPHANED', 'PAUSED')
    group by s.cluster_id, s.group_name, s.destination
    order by min(s.sent_at) limit ${limit}`)
  return rows
}
