import { z } from 'zod'
import { toFailure } from '#domain/failure.ts'

const TIMEOUT_MS = 10_000

const connectorsSchema = z.record(
  z.string(),
  z.object({ info: z.object({ config: z.record(z.string(), z.string().nullable()) }) }),
)

export interface ConnectDeadLetters {
  readonly topic: string
  readonly connector: string
  /** The one topic that the connector reads; null when there are several or a pattern. */
  readonly origin: string | null
  readonly worker: string
}

/** What connectors say about their dead-letter topics; an unreachable worker is reported and skipped. */
export async function readConnectDeadLetters(
  urls: readonly string[],
  basicAuth: string | undefined,
  onFailure: (url: string, reason: string) => void,
  signal: AbortSignal,
): Promise<ConnectDeadLetters[]> {
  const found = await Promise.all(
    urls.map(async (url) => {
      try {
        const response = await fetch(new URL('connectors?expand=info', url.endsWith('/') ? url : `${url}/`), {
          headers:
            basicAuth === undefined ? {} : { authorization: `Basic ${Buffer.from(basicAuth).toString('base64')}` },
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        })
        if (!response.ok) throw new Error(`Kafka Connect answers ${response.status}`)
        return toDeadLetters(url, connectorsSchema.parse(await response.json()))
      } catch (error) {
        onFailure(url, toFailure(error).message)
        return []
      }
    }),
  )
  return found.flat()
}

const toDeadLetters = (worker: string, connectors: z.output<typeof connectorsSchema>): ConnectDeadLetters[] =>
  Object.entries(connectors).flatMap(([connector, { info }]) => {
    const topic = info.config['errors.deadletterqueue.topic.name']
    if (!topic) return []
    const topics = (info.config['topics'] ?? '').split(',').filter((name) => name.trim() !== '')
    return [{ topic, connector, origin: topics.length === 1 ? (topics[0]?.trim() ?? null) : null, worker }]
  })
