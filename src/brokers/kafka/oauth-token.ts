import { z } from 'zod'
import { Failure } from '#domain/failure.ts'

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().optional() })

const TIMEOUT_MS = 10_000
/** A token is renewed this long before its end, so that no connection starts with one that lapses on the way. */
const MARGIN_MS = 30_000
const DEFAULT_LIFE_S = 300

/**
 * Tokens by the client credentials grant (RFC 6749 section 4.4), kept until shortly before they lapse.
 * The source throws Failure `forbidden` when the issuer refuses, `broker-unavailable` when it does not answer.
 */
export function createTokenSource(options: {
  readonly url: string
  readonly scope: string | undefined
  readonly clientId: string
  readonly clientSecret: string
}): () => Promise<string> {
  let current: { readonly token: string; readonly renewAtMs: number } | null = null
  return async () => {
    if (current !== null && Date.now() < current.renewAtMs) return current.token
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(options.scope && { scope: options.scope }),
    })
    const credentials = [options.clientId, options.clientSecret].map(encodeURIComponent).join(':')
    const response = await fetch(options.url, {
      method: 'POST',
      body,
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new Failure('broker-unavailable', `the token issuer ${options.url} does not answer`, { cause })
    })
    if (!response.ok) {
      throw new Failure('forbidden', `the token issuer ${options.url} answers ${response.status}`, {
        retryable: response.status >= 500,
      })
    }
    const answer = answerSchema.parse(await response.json())
    const lifeMs = (answer.expires_in ?? DEFAULT_LIFE_S) * 1_000
    current = { token: answer.access_token, renewAtMs: Date.now() + Math.max(0, lifeMs - MARGIN_MS) }
    return answer.access_token
  }
}
