import type { Broker } from '#brokers/broker.ts'
import type { BrokerOpening } from '#brokers/broker-opening.ts'
import { pgqueueDeadLetters } from '#brokers/pgqueue/dead-letter-places.ts'
import type { PgqueueConfiguration, PgqueueSecret } from '#brokers/pgqueue/pgqueue-configuration.ts'
import { openPgqueueConnection, type PgqueueConnection } from '#brokers/pgqueue/pgqueue-connection.ts'
import { pgqueueLag } from '#brokers/pgqueue/queue-lag.ts'
import { readQueues } from '#brokers/pgqueue/read-queues.ts'
import { pgqueueReplaySource } from '#brokers/pgqueue/replay-jobs.ts'
import { pgqueueSend } from '#brokers/pgqueue/send-jobs.ts'
import { Failure } from '#domain/failure.ts'

/**
 * Postgres queues of pg-boss 12, by SQL on its tables. Workers cannot be paused from outside and a queue has no
 * positions to reset, so those facets are absent.
 */
export async function openPgqueueBroker(opening: BrokerOpening<PgqueueConfiguration, PgqueueSecret>): Promise<Broker> {
  const connection = openPgqueueConnection(opening.secret.url, opening.configuration.schema, opening.log)
  return {
    clusterId: opening.clusterId,
    kind: 'pgqueue',
    identify: (signal) => identifyInstallation(connection, signal),
    inventory: { read: (signal) => readQueues(connection, signal) },
    lag: pgqueueLag(connection),
    deadLetters: pgqueueDeadLetters(connection),
    replaySource: pgqueueReplaySource(connection),
    send: pgqueueSend(connection),
    close: () => connection.close(),
  }
}

/** The server, the database and the installation of pg-boss in it; a server that keeps its number to itself is left out. */
async function identifyInstallation(connection: PgqueueConnection, signal: AbortSignal): Promise<string> {
  const [row] = await connection.query<{ identity: string; is_server_readable: boolean }>(
    `select (select oid from pg_database where datname = current_database()) || '/' ||
       '${connection.schema}.version'::regclass::oid as identity,
       has_function_privilege('pg_control_system()', 'execute') as is_server_readable`,
    [],
    signal,
  )
  if (row === undefined) throw new Failure('internal', 'Postgres gave no answer about itself')
  if (!row.is_server_readable) return row.identity
  const [server] = await connection.query<{ id: string }>(
    `select system_identifier::text as id from pg_control_system()`,
    [],
    signal,
  )
  return `${server?.id ?? ''}/${row.identity}`
}
