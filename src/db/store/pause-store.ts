import { and, desc, eq, gte, isNull, ne, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { pauseLease } from '#db/schema/pause.ts'
import type { PauseVerdict } from '#domain/pause/judge-pause.ts'
import type { PauseKind, PauseLease, PauseStanding } from '#domain/pause/pause-lease.ts'

/** Notified with `cluster group` as JSON whenever a pause begins, is extended or ends. */
export const PAUSE_CHANNEL = 'pause_lease'

/** More pauses than anybody has at once. */
const MAX_OPEN = 10_000
const MAX_LISTED = 100

/** A pause as it is stored. */
export interface StoredPause extends PauseLease {
  readonly clusterId: string
  readonly group: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly releasedByName: string | null
  readonly releaseReason: string | null
  readonly standing: PauseStanding
  readonly sentence: string
  readonly isAlert: boolean
}

const nullableMs = (column: Parameters<typeof epochMs>[0]) => sql<number | null>`${epochMs(column)}`

const columns = {
  id: pauseLease.id,
  clusterId: pauseLease.clusterId,
  group: pauseLease.groupName,
  kind: pauseLease.kind,
  reason: pauseLease.reason,
  askedByName: pauseLease.askedByName,
  askedAtMs: epochMs(pauseLease.askedAt),
  expiresAtMs: epochMs(pauseLease.expiresAt),
  before: pauseLease.before,
  heldAtMs: nullableMs(pauseLease.heldAt),
  problem: pauseLease.problem,
  releaseAskedAtMs: nullableMs(pauseLease.releaseAskedAt),
  releasedByName: pauseLease.releasedByName,
  releaseReason: pauseLease.releaseReason,
  endedAtMs: nullableMs(pauseLease.endedAt),
  positionMovedAtMs: nullableMs(pauseLease.positionMovedAt),
  positionReadAtMs: nullableMs(pauseLease.positionReadAt),
  standing: pauseLease.standing,
  sentence: pauseLease.sentence,
  isAlert: pauseLease.isAlert,
}

export interface NewPause {
  readonly clusterId: string
  readonly group: string
  readonly kind: PauseKind
  readonly reason: string
  readonly askedByName: string
  readonly forMs: number
}

/** @returns the id; violates `pause_lease_open` where the group is paused already */
export async function insertPause(database: Database, wish: NewPause): Promise<string> {
  // One that ended and was not heeded is superseded: what is seen from now on is held against the new one.
  await database
    .update(pauseLease)
    .set({ standing: 'ended', isAlert: false })
    .where(and(ofGroup(wish), sql`${pauseLease.endedAt} is not null`, ne(pauseLease.standing, 'ended')))
  const [row] = await database
    .insert(pauseLease)
    .values({
      clusterId: wish.clusterId,
      groupName: wish.group,
      kind: wish.kind,
      reason: wish.reason,
      askedByName: wish.askedByName,
      expiresAt: sql`now() + ${wish.forMs} * interval '1 millisecond'`,
      sentence: 'Asked for.',
    })
    .returning({ id: pauseLease.id })
  await notifyPause(database, wish)
  return row?.id ?? ''
}

/** The pause, its row locked; null when there is none of this id. */
export async function lockPause(
  database: Database,
  id: string,
): Promise<(StoredPause & { readonly isOver: boolean }) | null> {
  const [row] = await database
    .select({ ...columns, isOver: sql<boolean>`${pauseLease.expiresAt} <= clock_timestamp()` })
    .from(pauseLease)
    .where(eq(pauseLease.id, id))
    .for('update')
  return row ?? null
}

/** Lets it last for so long from now. */
export async function extendPauseTo(database: Database, pause: StoredPause, forMs: number): Promise<void> {
  await database
    .update(pauseLease)
    .set({ expiresAt: sql`now() + ${forMs} * interval '1 millisecond'` })
    .where(eq(pauseLease.id, pause.id))
  await notifyPause(database, pause)
}

/** A pause that only asks ends with the word; one that holds something at the broker when that is put back. */
export async function releasePause(
  database: Database,
  pause: StoredPause,
  by: { readonly name: string; readonly reason: string },
): Promise<void> {
  await database
    .update(pauseLease)
    .set({
      releaseAskedAt: sql`now()`,
      releasedByName: by.name,
      releaseReason: by.reason,
      standing: 'resuming',
      isAlert: false,
      sentence: 'Is being ended.',
      ...(pause.kind === 'cooperative' ? { endedAt: sql`now()` } : {}),
    })
    .where(eq(pauseLease.id, pause.id))
  await notifyPause(database, pause)
}

async function notifyPause(database: Database, { clusterId, group }: Pick<StoredPause, 'clusterId' | 'group'>) {
  await database.execute(sql`select pg_notify(${PAUSE_CHANNEL}, ${JSON.stringify([clusterId, group])})`)
}

const ofGroup = ({ clusterId, group }: Pick<StoredPause, 'clusterId' | 'group'>) =>
  and(eq(pauseLease.clusterId, clusterId), eq(pauseLease.groupName, group))

/** A pause with the moment at which it was looked at. */
export interface UnfinishedPause extends StoredPause {
  readonly isOver: boolean
  readonly nowMs: number
  /** Members that the broker knows; null when it does not say. */
  readonly connectedCount: number | null
}

/** Pauses that still have to be carried out, watched or undone. */
export async function listUnfinishedPauses(database: Database): Promise<readonly UnfinishedPause[]> {
  return database
    .select({
      ...columns,
      isOver: sql<boolean>`${pauseLease.expiresAt} <= now()`,
      nowMs: epochMs(sql`now()`),
      connectedCount: sql<number | null>`(
        select case when jsonb_typeof(members) = 'array' then jsonb_array_length(members) end from consumer_group g
        where g.cluster_id = ${pauseLease.clusterId} and g.name = ${pauseLease.groupName})`,
    })
    .from(pauseLease)
    .where(or(isNull(pauseLease.endedAt), ne(pauseLease.standing, 'ended')))
    .orderBy(pauseLease.askedAt)
    .limit(MAX_OPEN)
}

/** What is asked of the groups of a cluster now: neither ended nor over. */
export async function listPausesInForce(database: Database, clusterId: string): Promise<readonly StoredPause[]> {
  return database
    .select(columns)
    .from(pauseLease)
    .where(and(eq(pauseLease.clusterId, clusterId), inForce()))
    .limit(MAX_OPEN)
}

const inForce = () =>
  and(isNull(pauseLease.endedAt), isNull(pauseLease.releaseAskedAt), sql`${pauseLease.expiresAt} > now()`)

/** What a consumer is told: the pause by asking that is in force for its group, and how long it still lasts. */
export interface PauseOrder {
  readonly clusterId: string
  readonly group: string
  readonly leaseId: string
  readonly expiresAtMs: number
  /** By the database's clock at the moment of reading. */
  readonly remainingMs: number
  readonly reason: string
  readonly askedByName: string
}

export async function listPauseOrders(database: Database): Promise<readonly PauseOrder[]> {
  return database
    .select({
      clusterId: pauseLease.clusterId,
      group: pauseLease.groupName,
      leaseId: pauseLease.id,
      expiresAtMs: epochMs(pauseLease.expiresAt),
      remainingMs: epochMs(sql`(${pauseLease.expiresAt} - clock_timestamp())`),
      reason: pauseLease.reason,
      askedByName: pauseLease.askedByName,
    })
    .from(pauseLease)
    .where(and(eq(pauseLease.kind, 'cooperative'), inForce()))
    .limit(MAX_OPEN)
}

/** The newest pause of the group that is not done with; null when there is none. */
export async function findUnfinishedPause(
  database: Database,
  group: Pick<StoredPause, 'clusterId' | 'group'>,
): Promise<StoredPause | null> {
  const [row] = await database
    .select(columns)
    .from(pauseLease)
    .where(and(ofGroup(group), or(isNull(pauseLease.endedAt), ne(pauseLease.standing, 'ended'))))
    .orderBy(desc(pauseLease.askedAt))
    .limit(1)
  return row ?? null
}

/** What a list of consumers says of their pauses. */
export interface PauseMark {
  readonly clusterId: string
  readonly group: string
  readonly kind: PauseKind
  readonly standing: PauseStanding
  readonly isAlert: boolean
  readonly sentence: string
}

/** Of every group that is paused, or whose pause ended and is still heeded. */
export async function listPauseMarks(database: Database): Promise<readonly PauseMark[]> {
  const { clusterId, group, kind, standing, isAlert, sentence } = columns
  return database
    .select({ clusterId, group, kind, standing, isAlert, sentence })
    .from(pauseLease)
    .where(or(isNull(pauseLease.endedAt), ne(pauseLease.standing, 'ended')))
    .limit(MAX_OPEN)
}

/** Pauses of a group that ended after `fromMs` or have not, newest first; at most 100. */
export async function listPausesOfGroup(
  database: Database,
  group: Pick<StoredPause, 'clusterId' | 'group'>,
  fromMs: number,
): Promise<readonly StoredPause[]> {
  return database
    .select(columns)
    .from(pauseLease)
    .where(and(ofGroup(group), or(isNull(pauseLease.endedAt), gte(pauseLease.endedAt, new Date(fromMs)))))
    .orderBy(desc(pauseLease.askedAt))
    .limit(MAX_LISTED)
}

/** What the broker had in force before; written before it is changed, and never over what stands there already. */
export async function recordBefore(
  database: Database,
  id: string,
  before: Readonly<Record<string, unknown>>,
): Promise<void> {
  await database
    .update(pauseLease)
    .set({ before: { ...before } })
    .where(and(eq(pauseLease.id, id), isNull(pauseLease.before)))
}

export async function markHeld(database: Database, id: string): Promise<void> {
  await database
    .update(pauseLease)
    .set({ heldAt: sql`now()`, problem: null })
    .where(eq(pauseLease.id, id))
}

export async function markEnded(database: Database, id: string): Promise<void> {
  await database
    .update(pauseLease)
    .set({ endedAt: sql`now()`, problem: null })
    .where(eq(pauseLease.id, id))
}

export async function markProblem(database: Database, id: string, problem: string): Promise<void> {
  await database.update(pauseLease).set({ problem }).where(eq(pauseLease.id, id))
}

export async function writePauseVerdict(database: Database, id: string, verdict: PauseVerdict): Promise<void> {
  await database.update(pauseLease).set(verdict).where(eq(pauseLease.id, id))
}

/** When the positions of a paused group were read, and when one was last seen to move. */
export interface PausePositions {
  readonly id: string
  readonly readAtMs: number
  readonly movedAtMs: number | null
}

export async function notePausePositions(database: Database, seen: readonly PausePositions[]): Promise<void> {
  if (seen.length === 0) return
  await database.execute(sql`
    update pause_lease p set position_read_at = to_timestamp(s.read_at / 1000), position_moved_at = to_timestamp(s.moved_at / 1000)
    from unnest(${sql.param(seen.map(({ id }) => id))}::uuid[], ${sql.param(seen.map(({ readAtMs }) => readAtMs))}::float8[],
      ${sql.param(seen.map(({ movedAtMs }) => movedAtMs))}::float8[]) as s (id, read_at, moved_at)
    where p.id = s.id`)
}
