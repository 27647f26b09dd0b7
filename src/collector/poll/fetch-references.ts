import type { Broker } from '#brokers/broker.ts'
import type { FoundDeadLetter } from '#db/store/dead-letter-index-store.ts'
import { keepFetchedMessages } from '#db/store/fetched-message-store.ts'
import type { Database } from '#db/client.ts'
import { toFailure } from '#domain/failure.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { parsePosition, printPosition } from '#domain/position.ts'

/**
 * Some dead letters only point to the record that died, which its own topic forgets by age: each such record is fetched
 * when its letter is found, and kept whole. A topic that cannot be read leaves them as pointers.
 *
 * @returns what could not be fetched, in words; null when everything was
 */
export async function fetchReferences(
  database: Database,
  { clusterId, replaySource }: Broker,
  destination: string,
  letters: readonly FoundDeadLetter[],
  signal: AbortSignal,
): Promise<string | null> {
  const pointing = letters.filter(isReference)
  if (pointing.length === 0 || replaySource === undefined) return null
  const failures: string[] = []
  let fetchedCount = 0
  for (const [origin, of] of Map.groupBy(pointing, (letter) => letter.originDestination ?? '')) {
    try {
      const positions = of.flatMap((letter) => parsePosition(letter.originPosition ?? '') ?? [])
      const messages = await replaySource.readAt(origin, positions, signal)
      const byPosition = new Map(messages.map((message) => [printPosition(message.position), message]))
      const fetched = of.flatMap(({ position, originPosition }) => {
        const message = byPosition.get(originPosition ?? '')
        return message === undefined ? [] : [{ position, message }]
      })
      await keepFetchedMessages(database, { clusterId, destination, fetched, keepMs: ARCHIVE_KEEP_MS })
      fetchedCount += fetched.length
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${origin}: ${toFailure(error).message}`)
    }
  }
  if (fetchedCount === pointing.length) return null
  const missing = `${destination}: ${pointing.length - fetchedCount} records that dead letters point to are gone or closed`
  return failures.length === 0 ? missing : `${missing} (${failures.join('; ')})`
}

/** A share group that does not copy records writes headers alone. */
const isReference = ({ dialect, messageKey, payload, originDestination, originPosition }: FoundDeadLetter): boolean =>
  dialect === 'kafka-share-group' &&
  messageKey === null &&
  payload === null &&
  originDestination !== null &&
  originPosition !== null
