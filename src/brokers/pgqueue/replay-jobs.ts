import type { LaneRange, ReplaySourceFacet } from '#brokers/broker.ts'
import { isJobId } from '#brokers/pgqueue/job-id.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import { readJobPages, type JobReference } from '#brokers/pgqueue/read-jobs.ts'
import type { BrokerMessage } from '#domain/message.ts'

const LIST_SIZE = 10_000
const WHOLE = { maxMessages: 500, maxBytes: 16 * 1024 * 1024 }

/** Jobs that pg-boss still keeps, processed or not, by the time at which they were created (microseconds since 1970). */
export function pgqueueReplaySource(connection: PgqueueConnection): ReplaySourceFacet {
  return {
    async resolve(destination, fromMs, toMs, signal) {
      await connection.requireQueue(destination, signal)
      // What is created from this moment on lies outside, also when the window reaches into the future.
      const [now] = await connection.query<{ us: string }>(
        `select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as us`,
        [],
        signal,
      )
      const toUs = BigInt(Math.min(toMs * 1_000, Number(now?.us ?? '0') + 1))
      return [{ lane: '', from: String(BigInt(fromMs) * 1_000n), to: String(toUs) }]
    },
    async *read(destination, ranges, bound, signal) {
      for (const range of ranges) {
        let after: JobReference | null = null
        for (;;) {
          const jobs: readonly JobReference[] = await listCreated(connection, destination, range, after, signal)
          yield* readJobPages(connection, destination, jobs, bound, signal)
          after = jobs.at(-1) ?? null
          if (jobs.length < LIST_SIZE) break
        }
      }
    },
    async readAt(destination, positions, signal) {
      const messages: BrokerMessage[] = []
      const jobs = positions
        .filter((position) => isJobId(position.sequence))
        .map((position) => ({ id: position.sequence, checkpoint: position.sequence }))
      for await (const page of readJobPages(connection, destination, jobs, WHOLE, signal))
        messages.push(...page.messages)
      return messages
    },
  }
}

async function listCreated(
  connection: PgqueueConnection,
  queue: string,
  range: LaneRange,
  after: JobReference | null,
  signal: AbortSignal,
): Promise<readonly JobReference[]> {
  const [afterUs, afterId] = after?.checkpoint.split('/') ?? []
  const rows = await connection.query<{ id: string; created_us: string }>(
    `select id, created_us::text from (
       select id, (extract(epoch from created_on) * 1000000)::bigint as created_us
       from ${connection.schema}.job where name = $1
     ) as kept
     where created_us >= $2::bigint and created_us < $3::bigint
       and ($4::bigint is null or (created_us, id) > ($4::bigint, $5::uuid))
     order by created_us, id
     limit ${LIST_SIZE}`,
    [queue, range.from, range.to, afterUs ?? null, afterId ?? null],
    signal,
  )
  return rows.map((row) => ({ id: row.id, checkpoint: `${row.created_us}/${row.id}` }))
}
