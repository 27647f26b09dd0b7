import type { LagFacet, LaneLag } from '#brokers/broker.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import { INTERNAL_PREFIX } from '#brokers/pgqueue/read-queues.ts'

interface BacklogRow {
  readonly name: string
  readonly waiting: string
  readonly arrived: string
  readonly oldest_age_ms: number | null
}

interface Counter {
  end: number
}

/**
 * What waits in each queue: due jobs that no worker has taken. A queue has no positions, so they are counted here from
 * what was first seen: `end` grows by the arrivals that are seen waiting, `committed` is the end less what waits, and the
 * difference is exact at every reading. Between two readings of a queue that is never empty the growth is exact too, as
 * jobs are taken oldest first; of a queue that runs empty in between it is a lower bound. A new connection counts anew.
 *
 * Dead-letter queues are left out: what lies there waits for a person. Only waiting jobs are looked at, by the index that workers fetch with: the cost grows with the backlog and not with
 * what is kept for replay.
 */
export function pgqueueLag(connection: PgqueueConnection): LagFacet {
  const counters = new Map<string, Counter>()
  let readUs: string | null = null
  return {
    progress: 'removals',
    ageSource: 'broker',
    async read(signal) {
      const [now] = await connection.query<{ us: string }>(
        `select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as us`,
        [],
        signal,
      )
      const nowUs = now?.us ?? '0'
      const rows = await connection.query<BacklogRow>(backlogQuery(connection), [nowUs, readUs ?? '0'], signal)
      const lanes = rows.map((row) => advance(counters, row))
      readUs = nowUs
      const atMs = Math.floor(Number(nowUs) / 1_000)
      return { committedAtMs: atMs, endAtMs: atMs, lanes, blind: [], groupsMissingBecause: null, unreadable: [] }
    },
  }
}

/** A retry counts as an arrival of its own: it becomes due again, after having been taken once. */
function backlogQuery({ schema }: PgqueueConnection): string {
  return `
    with moment as (
      select 'epoch'::timestamptz + $1::bigint * interval '1 microsecond' as now,
        'epoch'::timestamptz + $2::bigint * interval '1 microsecond' as last
    )
    select queue.name, backlog.waiting::text, backlog.arrived::text,
      greatest(0, extract(epoch from moment.now - backlog.oldest_at) * 1000)::float8 as oldest_age_ms
    from moment cross join ${schema}.queue cross join lateral (
      select count(*) as waiting, count(*) filter (where start_after > moment.last) as arrived,
        min(start_after) as oldest_at
      from ${schema}.job
      where job.name = queue.name and state < 'active' and not blocked and start_after <= moment.now
    ) as backlog
    where not starts_with(queue.name, '${INTERNAL_PREFIX}')
      and not exists (select 1 from ${schema}.queue as origin where origin.dead_letter = queue.name)
    order by queue.name`
}

function advance(counters: Map<string, Counter>, row: BacklogRow): LaneLag {
  const waiting = Number(row.waiting)
  const known = counters.get(row.name)
  const counter = known ?? { end: waiting }
  if (known !== undefined) counter.end += Number(row.arrived)
  counters.set(row.name, counter)
  return {
    group: row.name,
    destination: row.name,
    lane: '',
    committed: counter.end - waiting,
    start: 0,
    end: counter.end,
    oldestAgeMs: waiting === 0 ? 0 : row.oldest_age_ms,
  }
}
