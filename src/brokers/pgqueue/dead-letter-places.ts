import type { DeadLetterFacet, FoundPlaces, SettleResult } from '#brokers/broker.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import { isJobId } from '#brokers/pgqueue/job-id.ts'
import { readJobPages, type JobReference } from '#brokers/pgqueue/read-jobs.ts'
import { Failure } from '#domain/failure.ts'

const LIST_SIZE = 10_000
const HORIZON_PATIENCE_MS = 1_000
const HORIZON_POLL_MS = 50

/** Dead-letter queues as pg-boss is configured, read by SELECT alone. */
export function pgqueueDeadLetters(connection: PgqueueConnection): DeadLetterFacet {
  return {
    costOfLooking: null,
    find: (signal) => findPlaces(connection, signal),
    async *read(destination, checkpoint, bound, signal) {
      await connection.requireQueue(destination, signal)
      let after = parseCheckpoint(checkpoint)
      const waitUntilMs = Date.now() + HORIZON_PATIENCE_MS
      const endXid = await currentXid(connection, signal)
      for (;;) {
        const { jobs, hidden } = await listArrivals(connection, destination, after, endXid, signal)
        yield* readJobPages(connection, destination, jobs, bound, signal)
        after = parseCheckpoint(jobs.at(-1)?.checkpoint ?? null) ?? after
        if (jobs.length === LIST_SIZE) continue
        if (hidden === 0 || Date.now() > waitUntilMs) return
        await new Promise((resolve) => setTimeout(resolve, HORIZON_POLL_MS))
      }
    },
    findGone: async (destination, positions, signal) => {
      const rows = await connection.query<{ id: string }>(
        `select id from ${connection.schema}.job where name = $1 and id = any($2::uuid[])`,
        [destination, positions.map(({ sequence }) => sequence).filter(isJobId)],
        signal,
      )
      const kept = new Set(rows.map(({ id }) => id))
      return positions.filter(({ sequence }) => !kept.has(sequence.toLowerCase()))
    },
    remove: (destination, positions, signal) =>
      removeJobs(
        connection,
        destination,
        positions.map((position) => position.sequence),
        signal,
      ),
  }
}

async function findPlaces(connection: PgqueueConnection, signal: AbortSignal): Promise<FoundPlaces> {
  const rows = await connection.query<{ name: string; origins: string[]; retention_seconds: number }>(
    `select place.name, place.retention_seconds, array_agg(origin.name order by origin.name) as origins
     from ${connection.schema}.queue as place
     join ${connection.schema}.queue as origin on origin.dead_letter = place.name
     group by place.name, place.retention_seconds
     order by place.name`,
    [],
    signal,
  )
  const places = rows.map(({ name, origins, retention_seconds: retentionSeconds }) => {
    const only = origins.length === 1 ? (origins[0] ?? null) : null
    return {
      destination: name,
      foundBy: 'configuration' as const,
      evidence: `queue.dead_letter of ${origins.join(', ')}`,
      originDestination: only,
      consumerGroup: only,
      retentionMs: retentionSeconds * 1_000,
    }
  })
  return { places, unreadable: [] }
}

interface ArrivalCheckpoint {
  /** 64-bit number of the transaction that stored the job, as decimal text. */
  readonly xid: string
  readonly createdUs: string
  readonly id: string
}

function parseCheckpoint(text: string | null): ArrivalCheckpoint | null {
  const [xid, createdUs, id] = text?.split('/') ?? []
  if (xid === undefined || createdUs === undefined || id === undefined || !isJobId(id)) return null
  return /^\d+$/.test(xid) && /^\d+$/.test(createdUs) ? { xid, createdUs, id } : null
}

/** The first transaction number not yet given out: what it and later ones store is not part of this read. */
async function currentXid(connection: PgqueueConnection, signal: AbortSignal): Promise<string> {
  const [row] = await connection.query<{ xid: string }>(
    `select pg_snapshot_xmax(pg_current_snapshot())::text as xid`,
    [],
    signal,
  )
  return row?.xid ?? '0'
}

/**
 * Jobs in the order in which their transactions came, as far as every older transaction has ended. A clock would not do:
 * `created_on` is taken when a transaction begins, and one that commits late would land behind the checkpoint, unseen.
 * `hidden` counts what is committed but waits for an older transaction.
 */
async function listArrivals(
  connection: PgqueueConnection,
  queue: string,
  after: ArrivalCheckpoint | null,
  endXid: string,
  signal: AbortSignal,
): Promise<{ readonly jobs: readonly JobReference[]; readonly hidden: number }> {
  const rows = await connection.query<{ id: string; xid: string; created_us: string; is_settled: boolean }>(
    `with arrival as (
       -- xmin has 32 bits; the age to the newest transaction gives it back its upper half.
       select job.id, (extract(epoch from job.created_on) * 1000000)::bigint as created_us,
         newest.xid - ((newest.xid - job.xmin::text::bigint) & 4294967295) as xid
       from ${connection.schema}.job as job,
         (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xid) as newest
       where job.name = $1 and job.state in ('created', 'retry', 'failed')
     )
     select id, xid::text, created_us::text,
       xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint as is_settled
     from arrival
     where xid < $2::bigint and ($3::bigint is null or (xid, created_us, id) > ($3::bigint, $4::bigint, $5::uuid))
     order by xid, created_us, id
     limit ${LIST_SIZE}`,
    [queue, endXid, after?.xid ?? null, after?.createdUs ?? null, after?.id ?? null],
    signal,
  )
  const settled = rows.filter((row) => row.is_settled)
  return {
    jobs: settled.map((row) => ({ id: row.id, checkpoint: `${row.xid}/${row.created_us}/${row.id}` })),
    hidden: rows.length - settled.length,
  }
}

/** A job that a worker holds at this moment is left alone. */
async function removeJobs(
  connection: PgqueueConnection,
  queue: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly SettleResult[]> {
  const rows = await connection.query<{ id: string; is_held: boolean }>(
    `with removed as (
       delete from ${connection.schema}.job
       where name = $1 and id = any($2::uuid[]) and state <> 'active'
       returning id
     )
     select id, false as is_held from removed
     union all
     select id, true from ${connection.schema}.job where name = $1 and id = any($2::uuid[]) and state = 'active'`,
    [queue, ids.filter(isJobId)],
    signal,
  )
  const found = new Map(rows.map((row) => [row.id, row.is_held]))
  return ids.map((id): SettleResult => {
    const isHeld = found.get(id.toLowerCase())
    if (isHeld === undefined) return { outcome: 'already-gone' }
    if (!isHeld) return { outcome: 'done' }
    return { outcome: 'failed', failure: new Failure('conflict', `a worker holds job ${id}`, { retryable: true }) }
  })
}
