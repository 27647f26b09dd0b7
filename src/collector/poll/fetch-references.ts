import type { Broker } from '#brokers/broker.ts'
import type { FoundDeadLetter } from '#db/store/dead-letter-index-store.ts'
import { keepFetchedMessages } from '#db/store/fetched-message-store.ts'
import type { Database } from '#db/client.ts'
import { toFailure } from '#domain/failure.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { parsePosition, printPosition } from '#domain/position.ts'

/** Where a dead letter lies (printed), and the record that it points to. */
export interface Reference {
  readonly position: string
  readonly originDestination: string
  readonly originPosition: string
}

export interface Unfetched {
  readonly count: number
  /** Topics that could not be read, and why; the other missing records are gone. */
  readonly failures: readonly string[]
}

/**
 * Some dead letters only point to the record that died, which its own topic forgets by age: each such record is fetched
 * when its letter is found, and kept whole. A topic that cannot be read leaves them as pointers, which are asked for
 * again later.
 */
export async function fetchReferences(
  database: Database,
  { clusterId, replaySource }: Broker,
  destination: string,
  pointing: readonly Reference[],
  signal: AbortSignal,
): Promise<Unfetched> {
  if (pointing.length === 0 || replaySource === undefined) return { count: 0, failures: [] }
  const failures: string[] = []
  let fetchedCount = 0
  for (const [origin, of] of Map.groupBy(pointing, (letter) => letter.originDestination)) {
    try {
      const positions = of.flatMap((letter) => parsePosition(letter.originPosition) ?? [])
      const messages = await replaySource.readAt(origin, positions, signal)
      const byPosition = new Map(messages.map((message) => [printPosition(message.position), message]))
      const fetched = of.flatMap(({ position, originPosition }) => {
        const message = byPosition.get(originPosition)
        return message === undefined ? [] : [{ position, message }]
      })
      await keepFetchedMessages(database, { clusterId, destination, fetched, keepMs: ARCHIVE_KEEP_MS })
      fetchedCount += fetched.length
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${origin}: ${toFailure(error).message}`)
    }
  }
  return { count: pointing.length - fetchedCount, failures }
}

/** What could not be fetched, in words; null when everything was. */
export function describeUnfetched(destination: string, { count, failures }: Unfetched): string | null {
  if (count === 0) return null
  const missing = `${destination}: ${count} records that dead letters point to are gone or closed`
  return failures.length === 0 ? missing : `${missing} (${failures.join('; ')})`
}

/** The record that a dead letter is only a pointer to: a share group that does not copy records writes headers alone. */
export function referencesOf(letters: readonly FoundDeadLetter[]): readonly Reference[] {
  return letters.flatMap(({ position, dialect, messageKey, payload, originDestination, originPosition }) => {
    const isWhole = dialect !== 'kafka-share-group' || messageKey !== null || payload !== null
    if (isWhole || originDestination === null || originPosition === null) return []
    return [{ position, originDestination, originPosition }]
  })
}
