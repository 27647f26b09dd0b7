import { z } from 'zod'
import { type BoundedGet, getBounded, parseJson } from '#brokers/get-bounded.ts'
import { Failure } from '#domain/failure.ts'

/** A hanging Connect holds up the look for dead letters for this long. */
export const CONNECT_LIMIT_MS = 5_000
/** About 2,000 connectors with their configurations. */
const MAX_BYTES = 16 * 1024 * 1024

const workerState = z.object({
  state: z.string(),
  worker_id: z.string().optional(),
  trace: z.string().nullish(),
})

const statusSchema = z.object({
  connector: workerState,
  tasks: z.array(workerState.extend({ id: z.number() })).optional(),
})

const connectorsSchema = z.record(
  z.string(),
  z.object({
    info: z.object({ type: z.string().optional(), config: z.record(z.string(), z.string().nullable()) }),
    status: statusSchema.optional(),
  }),
)

/** By name. Configurations hold passwords in plain text: nothing of them may get into a log or a message as it is. */
export type Connectors = z.output<typeof connectorsSchema>

/**
 * The connectors of one Kafka Connect cluster with their configurations and states, as its REST interface gives them.
 * At most `limitMs` and 16 MiB; redirects are not followed, because the sign-in is meant for this address alone.
 * @param basicAuth `user:password`
 * @throws Failure `forbidden`, `broker-unavailable`, `limit` or `invalid`, in words that repeat nothing of the answer
 */
export async function readConnectors(
  url: string,
  basicAuth: string | undefined,
  limitMs: number,
  signal: AbortSignal,
): Promise<Connectors> {
  const asked = toConnect({ url, basicAuth, limitMs }, 'connectors?expand=info&expand=status', signal)
  const { status, text } = await getBounded(asked)
  if (status === 404) throw new Failure('invalid', 'it answers HTTP 404')
  const parsed = connectorsSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Failure('invalid', 'its answer is not the list of connectors of Kafka Connect 2.3 or newer')
}

export interface ConnectAddress {
  readonly url: string
  /** `user:password` */
  readonly basicAuth: string | undefined
  readonly limitMs: number
}

/** A bounded request to the REST interface of one Connect. */
export const toConnect = (
  { url, basicAuth, limitMs }: ConnectAddress,
  path: string,
  signal: AbortSignal,
): BoundedGet => ({
  who: 'it',
  address: new URL(path, url.endsWith('/') ? url : `${url}/`),
  accept: 'application/json',
  authorization: basicAuth === undefined ? null : `Basic ${Buffer.from(basicAuth).toString('base64')}`,
  limitMs,
  maxBytes: MAX_BYTES,
  signal,
})
