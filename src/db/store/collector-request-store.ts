import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type pg from 'pg'
import type { Database, DatabaseClient } from '#db/client.ts'
import { collectorRequest } from '#db/schema/operation.ts'
import { Failure, FAILURE_CODES, type FailureCode } from '#domain/failure.ts'

/** Notified with the request's id when one is asked, and when one is answered. */
export const REQUEST_CHANNEL = 'collector_request'
const ANSWER_CHANNEL = 'collector_answer'

/** Also without a notification the answer is looked for this often. */
const LOOK_EVERY_MS = 500

export type CollectorQuestion = Readonly<Record<string, unknown>>
export type CollectorAnswer = Readonly<Record<string, unknown>>

export interface AskedRequest {
  readonly id: string
  readonly kind: (typeof collectorRequest.kind.enumValues)[number]
  readonly clusterId: string
  readonly question: CollectorQuestion
}

/**
 * Asks the collectors and waits for the answer of whichever takes the question.
 *
 * @throws Failure as the collector gave it; `broker-unavailable` when none answered within `timeoutMs`
 */
export async function askCollector(
  client: DatabaseClient,
  asked: Omit<AskedRequest, 'id'>,
  timeoutMs: number,
): Promise<CollectorAnswer> {
  const connection = await client.pool.connect()
  let isBroken = true
  try {
    await connection.query(`listen ${ANSWER_CHANNEL}`)
    const id = await insertRequest(client.database, asked)
    const answer = await waitForAnswer(client.database, connection, id, timeoutMs)
    await connection.query(`unlisten ${ANSWER_CHANNEL}`)
    isBroken = false
    return answer
  } finally {
    connection.release(isBroken)
  }
}

async function insertRequest(database: Database, asked: Omit<AskedRequest, 'id'>): Promise<string> {
  const { rows } = await database.execute<{ id: string }>(sql`
    with asked as (
      insert into collector_request (kind, cluster_id, question)
      values (${asked.kind}, ${asked.clusterId}, ${JSON.stringify(asked.question)}::jsonb) returning id
    )
    select id, pg_notify(${REQUEST_CHANNEL}, id::text) from asked`)
  const id = rows[0]?.id
  if (id === undefined) throw new Failure('internal', 'the request was not stored')
  return id
}

async function waitForAnswer(
  database: Database,
  connection: pg.PoolClient,
  id: string,
  timeoutMs: number,
): Promise<CollectorAnswer> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const row = (await database.select().from(collectorRequest).where(eq(collectorRequest.id, id)))[0]
    if (row?.failure) throw new Failure(codeOf(row.failure.code), row.failure.message)
    if (row?.answer) return row.answer
    const leftMs = deadlineMs - performance.now()
    if (leftMs <= 0) {
      throw new Failure('broker-unavailable', `no collector answered within ${timeoutMs / 1_000} s; is one running?`)
    }
    await nextNotification(connection, id, Math.min(leftMs, LOOK_EVERY_MS))
  }
}

function nextNotification(connection: pg.PoolClient, id: string, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      connection.off('notification', hear)
      resolve()
    }
    const hear = ({ payload }: pg.Notification) => {
      if (payload === id) finish()
    }
    const timer = setTimeout(finish, waitMs)
    connection.on('notification', hear)
  })
}

const codeOf = (text: string): FailureCode => FAILURE_CODES.find((code) => code === text) ?? 'internal'

/**
 * Answers the oldest open question that no other collector is at, if there is one. The row is locked for as long as
 * `respond` takes, so each question is worked on once.
 *
 * @param maxAgeMs nobody waits for older questions any more
 * @returns whether there was a question
 */
export async function answerNext(
  database: Database,
  maxAgeMs: number,
  respond: (asked: AskedRequest) => Promise<{ answer: CollectorAnswer } | { failure: Failure }>,
): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const rows = await transaction
      .select()
      .from(collectorRequest)
      .where(
        and(
          isNull(collectorRequest.answeredAt),
          sql`${collectorRequest.askedAt} > clock_timestamp() - ${maxAgeMs} * interval '1 millisecond'`,
        ),
      )
      .orderBy(asc(collectorRequest.askedAt))
      .limit(1)
      .for('update', { skipLocked: true })
    const asked = rows[0]
    if (asked === undefined) return false
    const response = await respond(asked)
    await transaction
      .update(collectorRequest)
      .set({
        answeredAt: sql`clock_timestamp()`,
        ...('answer' in response
          ? { answer: { ...response.answer } }
          : { failure: { code: response.failure.code, message: response.failure.message } }),
      })
      .where(eq(collectorRequest.id, asked.id))
    await transaction.execute(sql`select pg_notify(${ANSWER_CHANNEL}, ${asked.id})`)
    return true
  })
}
