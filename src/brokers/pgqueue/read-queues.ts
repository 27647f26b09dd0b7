import type { Inventory } from '#brokers/broker.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'

interface QueueRow {
  readonly name: string
  readonly policy: string
  readonly retry_limit: number
  readonly retry_delay: number
  readonly retry_backoff: boolean
  readonly expire_seconds: number
  readonly retention_seconds: number
  readonly deletion_seconds: number
  readonly dead_letter: string | null
  readonly active_count: number
  readonly is_dead_letter_place: boolean
  readonly events: readonly string[] | null
}

/** pg-boss's own queues, such as the one of its schedules. */
export const INTERNAL_PREFIX = '__pgboss__'

/**
 * Queues with the settings that decide what becomes of a job. A queue's workers are its one group and bear its name; a
 * dead-letter queue has none, as what lies there waits for a person.
 */
export async function readQueues(connection: PgqueueConnection, signal: AbortSignal): Promise<Inventory> {
  const rows = await connection.query<QueueRow>(
    `select queue.name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, retention_seconds,
       deletion_seconds, dead_letter, active_count,
       exists (select 1 from ${connection.schema}.queue as origin
         where origin.dead_letter = queue.name) as is_dead_letter_place,
       (select array_agg(event order by event) from ${connection.schema}.subscription
        where subscription.name = queue.name) as events
     from ${connection.schema}.queue order by queue.name`,
    [],
    signal,
  )
  return {
    destinations: rows.map((row) => ({
      name: row.name,
      kind: 'queue',
      isInternal: row.name.startsWith(INTERNAL_PREFIX),
      lanes: [''],
      retentionMs: row.retention_seconds * 1_000,
      settings: settingsOf(row),
    })),
    groups: rows
      .filter((row) => !row.name.startsWith(INTERNAL_PREFIX) && !row.is_dead_letter_place)
      .map((row) => ({
        name: row.name,
        state: row.active_count > 0 ? 'stable' : 'unknown',
        protocol: 'pg-boss',
        members: null,
        destinations: [row.name],
      })),
    // Who works on a queue is written down nowhere: nothing that could be read is missing here.
    unreadable: [],
  }
}

function settingsOf(row: QueueRow): Readonly<Record<string, string | null>> {
  return {
    policy: row.policy,
    retryLimit: String(row.retry_limit),
    retryDelay: `${row.retry_delay} s${row.retry_backoff ? ', doubling' : ''}`,
    expireIn: `${row.expire_seconds} s`,
    retention: `${row.retention_seconds} s while waiting`,
    // 0 keeps processed jobs for ever; it is the window for replay.
    deleteAfter: row.deletion_seconds === 0 ? 'never' : `${row.deletion_seconds} s after the end`,
    deadLetter: row.dead_letter,
    subscribedTo: row.events === null ? null : row.events.join(', '),
  }
}
