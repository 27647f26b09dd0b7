import type { MessagePage, PageBound } from '#brokers/broker.ts'
import { asEnvelope, envelopeHeaders, envelopeTimeMs } from '#brokers/pgqueue/envelope.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import type { BrokerFailure, BrokerMessage } from '#domain/message.ts'

interface JobRow {
  readonly id: string
  readonly ordinal: string
  readonly data: string | null
  readonly singleton_key: string | null
  readonly created_ms: string
  readonly retry_count: number
  readonly has_started: boolean
  readonly source_name: string | null
  readonly source_id: string | null
  readonly source_retry_count: number | null
  readonly source_output: unknown
}

/** A job that a read goes through, with the checkpoint that says "everything up to here". */
export interface JobReference {
  readonly id: string
  readonly checkpoint: string
}

/** Reads by primary key, in the order of the ids; jobs that are gone meanwhile are left out. */
export async function* readJobPages(
  connection: PgqueueConnection,
  queue: string,
  jobs: readonly JobReference[],
  bound: PageBound,
  signal: AbortSignal,
): AsyncGenerator<MessagePage> {
  let next = 0
  while (next < jobs.length) {
    const chunk = jobs.slice(next, next + bound.maxMessages)
    const ids = chunk.map((job) => job.id)
    const rows = await connection.query<JobRow>(pageQuery(connection), [queue, ids, bound.maxBytes], signal)
    // Fewer rows than asked for: the byte bound cut the page after its last row, or jobs are gone. Either way the next
    // page begins after the last row that came, and a chunk that is gone altogether is passed over.
    const last = rows.at(-1)
    const taken = last === undefined ? chunk.length : Number(last.ordinal)
    next += taken
    const checkpoint = chunk[taken - 1]?.checkpoint
    if (rows.length === 0 || checkpoint === undefined) continue
    yield { messages: rows.map((row) => toMessage(queue, row)), checkpoint, gaps: [] }
  }
}

/** The running sum keeps a page within its bytes; the first job always comes, however large it is. */
function pageQuery({ schema }: PgqueueConnection): string {
  return `
    select * from (
      select job.id, wanted.ordinal, job.data::text as data, job.singleton_key,
        (extract(epoch from job.created_on) * 1000)::bigint as created_ms,
        job.retry_count, job.started_on is not null as has_started,
        job.source_name, job.source_id, job.source_retry_count, job.source_output,
        coalesce(octet_length(job.data::text), 0) as bytes,
        sum(coalesce(octet_length(job.data::text), 0)) over (order by wanted.ordinal) as bytes_so_far
      from unnest($2::uuid[]) with ordinality as wanted (id, ordinal)
      join ${schema}.job as job on job.name = $1 and job.id = wanted.id
    ) as page
    where bytes_so_far <= $3 or bytes_so_far = bytes
    order by ordinal`
}

function toMessage(queue: string, row: JobRow): BrokerMessage {
  const envelope = row.data === null ? null : asEnvelope(JSON.parse(row.data))
  const sentMs = envelope === null ? null : envelopeTimeMs(envelope)
  const partitionKey = envelope?.['partitionkey']
  const key = row.singleton_key ?? (typeof partitionKey === 'string' ? partitionKey : null)
  const encoder = new TextEncoder()
  return {
    destination: queue,
    position: { lane: '', sequence: row.id },
    key: key === null ? null : encoder.encode(key),
    headers: envelope === null ? [] : envelopeHeaders(envelope),
    payload: row.data === null ? null : encoder.encode(row.data),
    timestampMs: sentMs ?? Number(row.created_ms),
    timestampKind: sentMs === null ? 'appended' : 'created',
    attempts: attemptsOf(row),
    brokerFailure: row.source_name === null ? null : toBrokerFailure(row),
  }
}

/** Deliveries before it died, for a dead letter; else those of the job itself. */
function attemptsOf(row: JobRow): number {
  if (row.source_retry_count !== null) return row.source_retry_count + 1
  return row.has_started ? row.retry_count + 1 : row.retry_count
}

/** pg-boss keeps what the last attempt threw: an error as {name, message, stack}, anything else as {value}. */
function toBrokerFailure(row: JobRow): BrokerFailure {
  const output = typeof row.source_output === 'object' && row.source_output !== null ? row.source_output : {}
  const fields = output as Readonly<Record<string, unknown>>
  const text = (name: string): string | null => {
    const value = fields[name]
    return typeof value === 'string' ? value : null
  }
  return {
    errorClass: text('name'),
    errorMessage: text('message') ?? text('value'),
    stack: text('stack'),
    originDestination: row.source_name,
    originPosition: row.source_id,
    // pg-boss moves a job by making a new one in the dead-letter queue.
    diedAtMs: Number(row.created_ms),
  }
}
