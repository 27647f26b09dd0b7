import { refuseAborted } from '#brokers/abortable.ts'
import type { OutgoingMessage, SendFacet, SendResult } from '#brokers/broker.ts'
import { asEnvelope, changeForHeaders, utf8Text } from '#brokers/pgqueue/envelope.ts'
import { isJobId } from '#brokers/pgqueue/job-id.ts'
import type { PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import { isCertainlyRefused, toPgqueueFailure } from '#brokers/pgqueue/pgqueue-failure.ts'
import { Failure, toFailure } from '#domain/failure.ts'

const BATCH_SIZE = 500

/** One job as the insert statement takes it. */
interface JobInsert {
  readonly id: string
  readonly queue: string
  readonly payload: string | null
  readonly removed: readonly string[]
  readonly added: Readonly<Record<string, string>>
  readonly key: string | null
  /** Whether the payload names the key itself, so that the job needs it only where the queue's policy works by key. */
  readonly is_key_inside: boolean
}

interface InsertOutcome {
  readonly id: string
  readonly is_stored: boolean
  readonly has_queue: boolean
  readonly last_us: string | null
}

/** Sends in the order of the calls: jobs get rising creation times, which is the order in which workers take them. */
export function pgqueueSend(connection: PgqueueConnection): SendFacet {
  let lastUs = '0'
  let turn: Promise<unknown> = Promise.resolve()

  const insert = async (batch: readonly JobInsert[]): Promise<readonly SendResult[]> => {
    const execution = await connection.execute<InsertOutcome>(insertQuery(connection), [JSON.stringify(batch), lastUs])
    if (execution.isDone) {
      lastUs = execution.rows[0]?.last_us ?? lastUs
      const outcomes = new Map(execution.rows.map((row) => [row.id, row]))
      const isLeftOut = batch.some((job) => outcomes.get(job.id)?.is_stored === false)
      const stored = isLeftOut ? await listStored(connection, batch) : new Set<string>()
      return batch.map((job) => resultOf(job, outcomes.get(job.id), stored))
    }
    const failure = toPgqueueFailure(execution.error)
    if (!execution.isSent) return batch.map(() => ({ outcome: 'refused', failure }))
    if (!isCertainlyRefused(execution.error)) {
      const unknown = new Failure('outcome-unknown', failure.message, { cause: execution.error })
      return batch.map(() => ({ outcome: 'unknown', failure: unknown }))
    }
    // The statement was rolled back as a whole; one by one shows which job it was.
    if (batch.length === 1) return [{ outcome: 'refused', failure }]
    const results: SendResult[] = []
    for (const job of batch) results.push(...(await insert([job])))
    return results
  }

  return {
    ignoresRepeats: true,
    confirmContract:
      'The job is a committed row of pg-boss, written to disk. A second send of the same copy finds the row and changes nothing.',
    send(messages, signal) {
      refuseAborted(signal)
      const sending = turn.then(() => sendInOrder(messages, insert, signal))
      turn = sending.catch(() => undefined)
      return sending
    },
  }
}

async function sendInOrder(
  messages: readonly OutgoingMessage[],
  insert: (batch: readonly JobInsert[]) => Promise<readonly SendResult[]>,
  signal: AbortSignal,
): Promise<readonly SendResult[]> {
  const results: SendResult[] = []
  for (let at = 0; at < messages.length; at += BATCH_SIZE) {
    const prepared = messages.slice(at, at + BATCH_SIZE).map(prepareJob)
    const jobs = prepared.filter((job): job is JobInsert => !(job instanceof Failure))
    const given = new Failure('internal', 'the send was given up by its caller', { retryable: true })
    const sent = jobs.length === 0 ? [] : signal.aborted ? jobs.map(() => refused(given)) : await insert(jobs)
    const answers = sent.values()
    for (const job of prepared) {
      const answer = job instanceof Failure ? refused(job) : answers.next().value
      results.push(answer ?? refused(new Failure('internal', 'no answer for the job')))
    }
  }
  return results
}

const refused = (failure: Failure): SendResult => ({ outcome: 'refused', failure })

function prepareJob(message: OutgoingMessage): JobInsert | Failure {
  try {
    if (!isJobId(message.idempotencyId)) throw new Failure('invalid', 'the idempotency id is no UUID')
    if (message.lane !== null && message.lane !== '') throw new Failure('not-found', 'a queue has no lanes')
    const payload = message.payload === null ? null : utf8Text(message.payload)
    if (message.payload !== null && payload === null) throw new Failure('unsupported', 'a job holds JSON, not bytes')
    const key = message.key === null ? null : utf8Text(message.key)
    if (message.key !== null && key === null) throw new Failure('unsupported', 'the key of a job is text, not bytes')
    const envelope = payload === null ? null : asEnvelope(parseJson(payload))
    return {
      id: message.idempotencyId.toLowerCase(),
      queue: message.destination,
      payload,
      ...changeForHeaders(envelope, message.headers, message.timestampMs),
      key,
      is_key_inside: key !== null && envelope?.['partitionkey'] === key,
    }
  } catch (error) {
    return toFailure(error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure('unsupported', 'a job holds JSON, and the payload is none', { cause })
  }
}

/** Jobs that another sender of the same copy committed while our statement waited for it, and so could not see yet. */
async function listStored(connection: PgqueueConnection, batch: readonly JobInsert[]): Promise<ReadonlySet<string>> {
  const execution = await connection.execute<{ id: string; name: string }>(
    `select id, name from ${connection.schema}.job where name = any($1::text[]) and id = any($2::uuid[])`,
    [batch.map((job) => job.queue), batch.map((job) => job.id)],
  )
  return new Set(execution.isDone ? execution.rows.map((row) => storedKey(row.name, row.id)) : [])
}

const storedKey = (queue: string, id: string): string => `${id} ${queue}`

function resultOf(job: JobInsert, outcome: InsertOutcome | undefined, stored: ReadonlySet<string>): SendResult {
  if (outcome?.is_stored === true || stored.has(storedKey(job.queue, job.id))) {
    return { outcome: 'confirmed', position: { lane: '', sequence: job.id } }
  }
  if (outcome?.has_queue === false) return refused(new Failure('not-found', `there is no queue ${job.queue}`))
  return refused(new Failure('conflict', `the policy of queue ${job.queue} does not take another job now`))
}

/**
 * One statement, so one transaction and one proof. What pg-boss itself takes from the queue is taken from it here too. A
 * job that exists already is left as it is and counts as stored: that is what makes a second send of a copy harmless.
 * Payloads stay text until Postgres parses them, so that no number loses digits on the way.
 */
function insertQuery({ schema, schemaName }: PgqueueConnection): string {
  return `
    with wanted as (
      select x.*, greatest(clock.us, $2::bigint) + ordinality as created_us
      from rows from (json_to_recordset($1::text::json) as (
          id uuid, queue text, payload text, removed text[], added jsonb, key text, is_key_inside boolean
        )) with ordinality as x (id, queue, payload, removed, added, key, is_key_inside, ordinality),
        (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us) as clock
    ), inserted as (
      insert into ${schema}.job (
        id, name, data, singleton_key, created_on, start_after, keep_until, expire_seconds, deletion_seconds,
        retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds
      )
      select wanted.id, queue.name,
        case when wanted.removed = '{}' and wanted.added = '{}'::jsonb then wanted.payload::jsonb
          else (wanted.payload::jsonb - wanted.removed) || wanted.added end,
        case when queue.policy <> 'standard' or not wanted.is_key_inside then wanted.key end,
        due.at, due.at, due.at + queue.retention_seconds * interval '1 second', queue.expire_seconds,
        queue.deletion_seconds, queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max,
        queue.policy, queue.dead_letter, queue.heartbeat_seconds
      from wanted
      join ${schema}.queue as queue on queue.name = wanted.queue
      cross join lateral (
        select 'epoch'::timestamptz + wanted.created_us * interval '1 microsecond' as at
      ) as due
      order by wanted.ordinality
      on conflict do nothing
      returning id, name
    ), woken as (
      select pg_notify('pgboss_' || left(encode(sha224('${schemaName}'::bytea), 'hex'), 24), queue.name)
      from ${schema}.queue as queue where queue.notify and queue.name in (select name from inserted)
    )
    select wanted.id, queue.name is not null as has_queue,
      (inserted.id is not null or existing.id is not null) as is_stored,
      max(wanted.created_us) over ()::text as last_us
    from wanted
    left join ${schema}.queue as queue on queue.name = wanted.queue
    left join inserted on inserted.id = wanted.id and inserted.name = wanted.queue
    left join ${schema}.job as existing on existing.id = wanted.id and existing.name = wanted.queue
    left join (select count(*) from woken) as wake on true
    order by wanted.ordinality`
}
