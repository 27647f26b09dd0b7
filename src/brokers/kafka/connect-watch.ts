import { refuseAborted } from '#brokers/abortable.ts'
import type { Unreadable } from '#brokers/broker.ts'
import { connectDeadLetters, type ConnectDeadLetters } from '#brokers/kafka/connect-dead-letters.ts'
import { CONNECT_LIMIT_MS, readConnectors } from '#brokers/kafka/read-connectors.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'
import { toFailure } from '#domain/failure.ts'

export interface ConnectFindings {
  readonly deadLetters: readonly ConnectDeadLetters[]
  readonly unreadable: readonly Unreadable[]
}

/** The Kafka Connect clusters of a Kafka cluster, asked again at each call. */
export interface ConnectWatch {
  /** Fails only when the caller gives up: what Connect does not tell is in `unreadable`. */
  read(signal: AbortSignal): Promise<ConnectFindings>
}

interface Heard {
  readonly deadLetters: readonly ConnectDeadLetters[]
  readonly unknown: readonly string[]
  readonly atMs: number
}

/**
 * Asks each address on its own. One that fails is answered for by what it said last, so that a Connect that is down does
 * not make its dead letters disappear.
 */
export function createConnectWatch(
  urls: readonly string[],
  basicAuth: string | undefined,
  limitMs = CONNECT_LIMIT_MS,
): ConnectWatch {
  const heard = new Map<string, Heard>()
  return {
    async read(signal) {
      const unreadable = createUnreadableList()
      await Promise.all(
        urls.map(async (url) => {
          try {
            const unknown: string[] = []
            const connectors = await readConnectors(url, basicAuth, limitMs, signal)
            const deadLetters = connectDeadLetters(url, connectors, (connector) => unknown.push(connector))
            heard.set(url, { deadLetters, unknown, atMs: Date.now() })
          } catch (error) {
            refuseAborted(signal)
            unreadable.add('dead-letter topics of Kafka Connect', url, becauseOf(error, heard.get(url)))
          }
        }),
      )
      for (const connector of [...heard.values()].flatMap((one) => one.unknown)) {
        const reason = 'unknown, because its name is a placeholder that only the Connect worker can resolve'
        unreadable.add('dead-letter topic of connector', connector, reason)
      }
      return {
        deadLetters: withoutRepeats(urls.flatMap((url) => heard.get(url)?.deadLetters ?? [])),
        unreadable: unreadable.entries(),
      }
    },
  }
}

function becauseOf(error: unknown, last: Heard | undefined): string {
  const known = last === undefined ? '' : `; what it said at ${new Date(last.atMs).toISOString()} is used`
  return `unknown, because ${toFailure(error).message}${known}`
}

/** Two workers of one Connect cluster say the same. */
function withoutRepeats(all: readonly ConnectDeadLetters[]): ConnectDeadLetters[] {
  const seen = new Map(all.toReversed().map((one) => [JSON.stringify([one.connector, one.group, one.topic]), one]))
  return [...seen.values()].toReversed()
}
