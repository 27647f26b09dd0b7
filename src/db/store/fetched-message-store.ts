import { sql } from 'drizzle-orm'
import { asBuffer } from '#db/as-buffer.ts'
import type { Database } from '#db/client.ts'
import { storeHeader } from '#db/stored-header.ts'
import type { BrokerMessage } from '#domain/message.ts'

interface FetchedMessages {
  readonly clusterId: string
  /** The dead-letter place. */
  readonly destination: string
  /** By the printed position of the dead letter that points to it. */
  readonly fetched: readonly { readonly position: string; readonly message: BrokerMessage }[]
  readonly keepMs: number
}

/** Keeps whole messages that dead letters only point to. */
export async function keepFetchedMessages(
  database: Database,
  { clusterId, destination, fetched, keepMs }: FetchedMessages,
): Promise<void> {
  if (fetched.length === 0) return
  const column = <Value>(read: (one: FetchedMessages['fetched'][number]) => Value) => sql.param(fetched.map(read))
  await database.execute(sql`
    insert into message_archive (dead_letter_id, message_key, headers, payload, timestamp_ms, is_only_copy, expires_at)
    select dl.id, given.message_key, given.headers, given.payload, given.timestamp_ms, false,
      clock_timestamp() + ${keepMs}::float8 * interval '1 millisecond'
    from unnest(${column(({ position }) => position)}::text[],
      ${column(({ message }) => asBuffer(message.key))}::bytea[],
      ${column(({ message }) => JSON.stringify(message.headers.map(storeHeader)))}::jsonb[],
      ${column(({ message }) => asBuffer(message.payload))}::bytea[],
      ${column(({ message }) => message.timestampMs)}::float8[]
    ) as given(position, message_key, headers, payload, timestamp_ms)
    join dead_letter dl
      on dl.cluster_id = ${clusterId} and dl.destination = ${destination} and dl.position = given.position
    on conflict (dead_letter_id) do nothing`)
}
