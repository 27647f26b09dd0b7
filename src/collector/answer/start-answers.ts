import { decodeDeadLetter } from '#collector/answer/decode-dead-letter.ts'
import { measureAge } from '#collector/answer/measure-age.ts'
import { planReset } from '#collector/answer/plan-reset.ts'
import { readLiveMessage } from '#collector/answer/read-live-message.ts'
import { listConnectors, readConnectorOffsets } from '#collector/answer/show-connectors.ts'
import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import {
  answerNext,
  REQUEST_CHANNEL,
  type AskedRequest,
  type CollectorAnswer,
} from '#db/store/collector-request-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { wakeOnNotify } from '#engine/wake-on-notify.ts'

/** Also without a notification open questions are looked for this often. */
const LOOK_EVERY_MS = 2_000
/** The web process does not wait longer than this for an answer. */
const MAX_AGE_MS = 30_000
const ANSWER_LIMIT_MS = 8_000
/** Questions in work at once; each holds a connection to Postgres. */
const WORKERS = 2

/** Answers what the web process may not find out itself, because it never speaks to a broker. */
export async function startAnswers({
  client,
  brokers,
  log,
}: Pick<CollectorContext, 'client' | 'brokers' | 'log'>): Promise<Duty> {
  const stopping = new AbortController()
  let wake = new AbortController()
  const respond = async (asked: AskedRequest): Promise<{ answer: CollectorAnswer } | { failure: Failure }> => {
    try {
      const limit = AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)])
      return { answer: await within(limit, answerQuestion({ client, brokers }, asked, limit)) }
    } catch (error) {
      return { failure: toFailure(error) }
    }
  }
  const worker = async () => {
    while (!stopping.signal.aborted) {
      const woken = wake.signal
      try {
        if (await answerNext(client.database, MAX_AGE_MS, respond)) continue
      } catch (error) {
        log.warn({ err: error }, 'questions could not be answered; trying again')
      }
      await pause(LOOK_EVERY_MS, AbortSignal.any([stopping.signal, woken]))
    }
  }
  const work = Promise.all([
    wakeOnNotify(
      client.pool,
      REQUEST_CHANNEL,
      () => {
        const woken = wake
        wake = new AbortController()
        woken.abort()
      },
      log,
      stopping.signal,
    ),
    ...Array.from({ length: WORKERS }, worker),
  ])
  return {
    name: 'answer',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

function answerQuestion(
  { client, brokers }: Pick<CollectorContext, 'client' | 'brokers'>,
  { kind, clusterId, question }: AskedRequest,
  limit: AbortSignal,
): Promise<CollectorAnswer> {
  switch (kind) {
    case 'read-message':
      return readLiveMessage(brokers, clusterId, question, limit)
    case 'measure-age':
      return measureAge(brokers, clusterId, question, limit)
    case 'decode-dead-letter':
      return decodeDeadLetter(brokers, client.database, clusterId, question, limit)
    case 'plan-reset':
      return planReset(brokers, client.database, clusterId, question, limit)
    case 'list-connectors':
      return listConnectors(brokers, clusterId, limit)
    case 'read-connector-offsets':
      return readConnectorOffsets(brokers, clusterId, question, limit)
  }
}

/** An adapter that ignores its signal does not hold the question, nor the connection, for longer. */
function within<Value>(limit: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Failure('broker-unavailable', 'the broker did not answer in time'))
    if (limit.aborted) refuse()
    limit.addEventListener('abort', refuse, { once: true })
    work.then(resolve, reject).finally(() => limit.removeEventListener('abort', refuse))
  })
}
