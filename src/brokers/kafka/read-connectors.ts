import { z } from 'zod'
import { Failure } from '#domain/failure.ts'

/** A hanging Connect holds up the look for dead letters for this long. */
export const CONNECT_LIMIT_MS = 5_000
/** About 2,000 connectors with their configurations. */
const MAX_BYTES = 16 * 1024 * 1024

const connectorsSchema = z.record(
  z.string(),
  z.object({
    info: z.object({ type: z.string().optional(), config: z.record(z.string(), z.string().nullable()) }),
    status: z.object({ connector: z.object({ state: z.string() }) }).optional(),
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
  const timeout = AbortSignal.timeout(limitMs)
  try {
    const response = await fetch(new URL('connectors?expand=info&expand=status', url.endsWith('/') ? url : `${url}/`), {
      headers: {
        accept: 'application/json',
        ...(basicAuth !== undefined && { authorization: `Basic ${Buffer.from(basicAuth).toString('base64')}` }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw failureOfStatus(response.status, basicAuth !== undefined)
    }
    return parse(await readBody(response))
  } catch (error) {
    if (error instanceof Failure) throw error
    if (timeout.aborted) {
      throw new Failure('broker-unavailable', `it does not answer within ${limitMs / 1_000} s`, { cause: error })
    }
    throw new Failure('broker-unavailable', `it cannot be reached (${causeOf(error)})`, { cause: error })
  }
}

function failureOfStatus(status: number, isSignedIn: boolean): Failure {
  if (status === 401 || status === 403) {
    const remedy = isSignedIn ? 'it refuses the sign-in' : 'it wants a sign-in and none is configured'
    return new Failure('forbidden', `${remedy} (HTTP ${status})`)
  }
  if (status >= 300 && status < 400) {
    return new Failure('invalid', `it answers with a redirect (HTTP ${status}), and redirects are not followed`)
  }
  return new Failure(status >= 500 ? 'broker-unavailable' : 'invalid', `it answers HTTP ${status}`)
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, which closes the connection.
    if (size > MAX_BYTES) throw new Failure('limit', `its answer is longer than ${MAX_BYTES / 1024 / 1024} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): Connectors {
  const parsed = connectorsSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Failure('invalid', 'its answer is not the list of connectors of Kafka Connect 2.3 or newer')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own words quote the answer. What is no JSON is no list of connectors either.
    return null
  }
}

/** `fetch failed` says nothing; the reason is one level below. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }
  if (typeof cause?.code === 'string') return cause.code
  return typeof cause?.message === 'string' && cause.message !== '' ? cause.message : 'no connection'
}
