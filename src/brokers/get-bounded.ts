import { Failure } from '#domain/failure.ts'

export interface BoundedGet {
  /** Whom a person reads about: `it`, `the schema registry`. */
  readonly who: string
  readonly address: URL
  readonly accept: string
  /** The whole header; null = nobody signs in. */
  readonly authorization: string | null
  readonly limitMs: number
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface BoundedAnswer {
  readonly status: number
  readonly text: string
}

/**
 * One GET of a service beside a broker, bounded in time and size: 200 or 404. Redirects are not followed, because the
 * sign-in is meant for this address alone.
 * @throws Failure `forbidden`, `broker-unavailable` (also 429 and 5xx), `limit` or `invalid`, in words that repeat nothing
 * of the answer
 */
export const getBounded = (ask: BoundedGet): Promise<BoundedAnswer> => askBounded(ask, 'GET', [200, 404])

/** As {@link getBounded}, with another method and other answers that the caller knows the meaning of. */
export async function askBounded(
  ask: BoundedGet,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  known: readonly number[],
): Promise<BoundedAnswer> {
  const { who, address, accept, authorization, limitMs, signal } = ask
  const timeout = AbortSignal.timeout(limitMs)
  try {
    const response = await fetch(address, {
      method,
      headers: { accept, ...(authorization !== null && { authorization }) },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    const { status } = response
    if (known.includes(status)) return { status, text: await readBody(response, ask) }
    await response.body?.cancel()
    throw failureOfStatus(who, status, authorization !== null)
  } catch (error) {
    if (error instanceof Failure) throw error
    const why = timeout.aborted
      ? `does not answer within ${limitMs / 1_000} s`
      : `cannot be reached (${causeOf(error)})`
    throw new Failure('broker-unavailable', `${who} ${why}`, { cause: error })
  }
}

/** What is no JSON is null, and no answer; the parser's own words would quote it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function failureOfStatus(who: string, status: number, isSignedIn: boolean): Failure {
  if (status === 401 || status === 403) {
    const why = isSignedIn ? 'refuses the sign-in' : 'wants a sign-in and none is configured'
    return new Failure('forbidden', `${who} ${why} (HTTP ${status})`)
  }
  if (status >= 300 && status < 400) {
    return new Failure('invalid', `${who} answers with a redirect (HTTP ${status}), and redirects are not followed`)
  }
  const isOutage = status >= 500 || status === 429
  return new Failure(isOutage ? 'broker-unavailable' : 'invalid', `${who} answers HTTP ${status}`)
}

async function readBody(response: Response, { who, maxBytes }: BoundedGet): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, which closes the connection.
    if (size > maxBytes) throw new Failure('limit', `${who} answers with more than ${maxBytes / 1024 / 1024} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch failed` says nothing; the reason is one level below. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }
  if (typeof cause?.code === 'string') return cause.code
  return typeof cause?.message === 'string' && cause.message !== '' ? cause.message : 'no connection'
}
