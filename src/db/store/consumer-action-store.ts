import { and, desc, eq, gte, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { consumerAction } from '#db/schema/consumer-action.ts'
import { describeResetTarget, type ResetPlan } from '#domain/reset/reset-plan.ts'
import { Failure } from '#domain/failure.ts'

/** Notified when something is asked for. */
export const CONSUMER_ACTION_CHANNEL = 'consumer_action'

export type ConsumerActionRow = typeof consumerAction.$inferSelect
export type ConsumerActionState = ConsumerActionRow['state']
export type NewConsumerAction = Pick<
  typeof consumerAction.$inferInsert,
  'requestKey' | 'kind' | 'clusterId' | 'subject' | 'plan' | 'state' | 'actorId' | 'actorName'
> &
  Partial<Pick<typeof consumerAction.$inferInsert, 'destination' | 'planHash' | 'undoOf' | 'reason'>>

/** What was asked for longer ago is not begun any more: somebody waited for it, and has gone on to something else. */
export const WISH_MS = 120_000
/** Plans that nobody asked to be carried out are of no use to anybody after this. */
const PLAN_KEPT = sql`interval '1 hour'`

/** One row per request key: who comes second with the same key gets the first one's row. */
export async function insertConsumerAction(
  database: Database,
  id: string,
  action: NewConsumerAction,
): Promise<{ readonly row: ConsumerActionRow; readonly isNew: boolean }> {
  await database
    .delete(consumerAction)
    .where(and(eq(consumerAction.state, 'planned'), sql`${consumerAction.createdAt} < now() - ${PLAN_KEPT}`))
  const [made] = await database
    .insert(consumerAction)
    .values({ ...action, id, ...(action.state === 'asked' && { askedAt: sql`clock_timestamp()` }) })
    .onConflictDoNothing({ target: consumerAction.requestKey })
    .returning()
  if (made !== undefined) return { row: made, isNew: true }
  const [known] = await database.select().from(consumerAction).where(eq(consumerAction.requestKey, action.requestKey))
  if (known === undefined) throw new Failure('internal', 'the wish was neither stored nor there')
  return { row: known, isNew: false }
}

/** For a change: nobody else changes the row before this transaction ends. @throws Failure `not-found` */
export async function lockConsumerAction(database: Database, id: string): Promise<ConsumerActionRow> {
  const [row] = await database.select().from(consumerAction).where(eq(consumerAction.id, id)).for('update')
  if (row === undefined) throw new Failure('not-found', 'there is no such plan any more; look at the dry run again')
  return row
}

export async function findConsumerAction(database: Database, id: string): Promise<ConsumerActionRow | null> {
  const [row] = await database.select().from(consumerAction).where(eq(consumerAction.id, id))
  return row ?? null
}

/** What is asked for on the same consumers and not over yet; null = nothing. */
export async function findActionUnderWay(
  database: Database,
  { clusterId, subject, kind }: Pick<ConsumerActionRow, 'clusterId' | 'subject' | 'kind'>,
): Promise<ConsumerActionRow | null> {
  const kinds: ConsumerActionRow['kind'][] =
    kind === 'control-connector' ? ['control-connector'] : ['reset-offsets', 'undo-reset']
  const [row] = await database
    .select()
    .from(consumerAction)
    .where(
      and(
        eq(consumerAction.clusterId, clusterId),
        eq(consumerAction.subject, subject),
        inArray(consumerAction.kind, kinds),
        eq(consumerAction.state, 'asked'),
      ),
    )
    .limit(1)
  return row ?? null
}

/** Lets a plan go, in the words of whoever asked for it. */
export async function askForAction(
  database: Database,
  { id, reason, actorId, actorName }: Pick<ConsumerActionRow, 'id' | 'reason' | 'actorId' | 'actorName'>,
): Promise<void> {
  await database
    .update(consumerAction)
    .set({ state: 'asked', askedAt: sql`clock_timestamp()`, reason, actorId, actorName })
    .where(eq(consumerAction.id, id))
}

export async function notifyConsumerAction(database: Database): Promise<void> {
  await database.execute(sql`select pg_notify(${CONSUMER_ACTION_CHANNEL}, '')`)
}

/** Takes the oldest one that waits, for `claimMs`; null = there is none. */
export async function claimAction(database: Database, claimMs: number): Promise<ConsumerActionRow | null> {
  const rows = await database
    .update(consumerAction)
    .set({ claimedUntil: sql`clock_timestamp() + ${claimMs} * interval '1 millisecond'` })
    .where(
      eq(
        consumerAction.id,
        sql`(select id from consumer_action where state = 'asked' and coalesce(claimed_until, '-infinity') < clock_timestamp()
               and asked_at > clock_timestamp() - ${WISH_MS} * interval '1 millisecond' order by asked_at limit 1 for update skip locked)`,
      ),
    )
    .returning()
  return rows[0] ?? null
}

/** Puts it back for a later try. */
export async function releaseAction(
  database: Database,
  { id, claimedUntil }: ConsumerActionRow,
  waitMs: number,
): Promise<void> {
  await database
    .update(consumerAction)
    .set({ claimedUntil: sql`clock_timestamp() + ${waitMs} * interval '1 millisecond'` })
    .where(ownClaim(id, claimedUntil))
}

export interface ActionEnd {
  readonly state: Exclude<ConsumerActionState, 'planned' | 'asked'>
  readonly outcome: string
}

/** Records how it ended, unless another collector has taken it over; whether this one still held it. */
export async function endAction(
  database: Database,
  { id, claimedUntil }: ConsumerActionRow,
  end: ActionEnd,
): Promise<boolean> {
  const { rowCount } = await database
    .update(consumerAction)
    .set({ ...end, endedAt: sql`clock_timestamp()` })
    .where(ownClaim(id, claimedUntil))
  return (rowCount ?? 0) > 0
}

/** What was there before, kept before anything is done. */
export async function noteBefore(
  database: Database,
  { id, claimedUntil }: ConsumerActionRow,
  before: Readonly<Record<string, unknown>>,
): Promise<void> {
  await database
    .update(consumerAction)
    .set({ before: { ...before } })
    .where(and(ownClaim(id, claimedUntil), isNull(consumerAction.before)))
}

const ownClaim = (id: string, claimedUntil: Date | null) =>
  and(
    eq(consumerAction.id, id),
    eq(consumerAction.state, 'asked'),
    // Dates of JavaScript have no microseconds.
    sql`date_trunc('milliseconds', ${consumerAction.claimedUntil}) = ${claimedUntil}`,
  )

export interface ConsumerActionView {
  readonly id: string
  readonly kind: ConsumerActionRow['kind']
  readonly destination: string | null
  readonly plan: ConsumerActionRow['plan']
  readonly state: ConsumerActionState
  readonly outcome: string | null
  readonly reason: string | null
  readonly actorName: string
  readonly askedAtMs: number
  readonly endedAtMs: number | null
  /** Whether a later reset took this one back. */
  readonly isUndone: boolean
}

/** What was asked for on a group or a connector, newest first; at most 20. */
export async function listConsumerActions(
  database: Database,
  {
    clusterId,
    subject,
    kinds,
  }: Pick<ConsumerActionRow, 'clusterId' | 'subject'> & { readonly kinds: ConsumerActionRow['kind'][] },
): Promise<readonly ConsumerActionView[]> {
  return database
    .select({
      id: consumerAction.id,
      kind: consumerAction.kind,
      destination: consumerAction.destination,
      plan: consumerAction.plan,
      state: consumerAction.state,
      outcome: consumerAction.outcome,
      reason: consumerAction.reason,
      actorName: consumerAction.actorName,
      askedAtMs: epochMs(consumerAction.askedAt),
      endedAtMs: sql<number | null>`(extract(epoch from ${consumerAction.endedAt}) * 1000)::float8`,
      isUndone: sql<boolean>`exists (select from consumer_action undo
        where undo.undo_of = consumer_action.id and undo.state in ('done', 'partly'))`,
    })
    .from(consumerAction)
    .where(
      and(
        eq(consumerAction.clusterId, clusterId),
        eq(consumerAction.subject, subject),
        inArray(consumerAction.kind, kinds),
        sql`${consumerAction.askedAt} is not null`,
      ),
    )
    .orderBy(desc(consumerAction.createdAt))
    .limit(20)
}

/** Separates the two names; neither can hold it. */
const NUL = '\u0000'
export const resetKey = (group: string, destination: string): string => `${group}${NUL}${destination}`

/**
 * Why groups of a cluster stand further back than they did, by {@link resetKey}: the newest reset that was carried out
 * since then.
 */
export async function readResetReasons(
  database: Database,
  clusterId: string,
  sinceMs: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await database
    .select()
    .from(consumerAction)
    .where(
      and(
        eq(consumerAction.clusterId, clusterId),
        inArray(consumerAction.kind, ['reset-offsets', 'undo-reset']),
        inArray(consumerAction.state, ['done', 'partly']),
        gte(consumerAction.endedAt, new Date(sinceMs)),
      ),
    )
    .orderBy(consumerAction.endedAt)
    .limit(1_000)
  return new Map(
    rows.map((row) => {
      const { target } = row.plan as ResetPlan
      const words = `reset ${describeResetTarget(target)} by ${row.actorName}`
      return [resetKey(row.subject, row.destination ?? ''), row.reason === null ? words : `${words}: ${row.reason}`]
    }),
  )
}

/** Wishes older than {@link WISH_MS} that nobody is at: nobody expects them to be carried out any more. */
export async function endStaleActions(database: Database): Promise<void> {
  const wasTried = sql`${consumerAction.claimedUntil} is not null`
  await database
    .update(consumerAction)
    .set({
      state: sql`case when ${wasTried} then 'unknown' else 'failed' end`,
      endedAt: sql`clock_timestamp()`,
      outcome: sql`case when ${wasTried} then 'A collector was at it and did not come to an end; whether it was done is not known.'
        else 'No collector took it up in time; nothing was done.' end`,
    })
    .where(
      and(
        eq(consumerAction.state, 'asked'),
        sql`${consumerAction.askedAt} < clock_timestamp() - ${WISH_MS} * interval '1 millisecond'`,
        sql`coalesce(${consumerAction.claimedUntil}, '-infinity') < clock_timestamp()`,
      ),
    )
}
