import { z } from 'zod'
import type {
  SchemaRegistryConfiguration,
  SchemaRegistrySecret,
} from '#brokers/schema-registry/schema-registry-configuration.ts'
import { Failure } from '#domain/failure.ts'

/** A registry that hangs holds nothing up for longer than this. */
const LIMIT_MS = 2_500
const MAX_BYTES = 4 * 1024 * 1024
/** After a failure it is left alone for this long, then for twice as long, up to the most. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

const schemaReference = z.object({ name: z.string(), subject: z.string(), version: z.number().int() })
const storedSchema = z.object({
  schema: z.string(),
  /** Left out for Avro. */
  schemaType: z.string().default('AVRO'),
  references: z.array(schemaReference).nullish(),
})
const subjectVersion = z.object({ subject: z.string(), version: z.number().int() })

const notFound = z.object({ error_code: z.number().int().min(40_400).max(40_499) })

export type SchemaReference = z.output<typeof schemaReference>
export type StoredSchema = z.output<typeof storedSchema>
export type SubjectVersion = z.output<typeof subjectVersion>

/** The four questions that reading takes; null = there is no such thing. */
export interface RegistryRequests {
  readSchema(id: number, signal: AbortSignal): Promise<StoredSchema | null>
  /** Under which subjects an id stands; none where the registry does not say. */
  listVersions(id: number, signal: AbortSignal): Promise<readonly SubjectVersion[]>
  readVersion(
    subject: string,
    version: number | 'latest',
    signal: AbortSignal,
  ): Promise<(StoredSchema & SubjectVersion & { readonly id: number }) | null>
}

/**
 * Speaks to one registry, at the configured address alone: redirects are not followed, and ids and subjects go into the
 * path escaped. Failures are `broker-unavailable`, `forbidden`, `invalid` or `limit`, in words that repeat nothing of an
 * answer; after an outage the next questions fail at once until a pause is over.
 */
export function openRegistryRequests(
  { url }: SchemaRegistryConfiguration,
  secret: SchemaRegistrySecret,
  limitMs = LIMIT_MS,
): RegistryRequests {
  const base = url.endsWith('/') ? url : `${url}/`
  const authorization = authorizationOf(secret)
  let [pauseMs, pausedUntilMs, trouble] = [0, 0, '']

  async function ask<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | null> {
    if (performance.now() < pausedUntilMs) throw new Failure('broker-unavailable', trouble)
    try {
      const text = await fetchText(new URL(path, base), authorization, limitMs, signal)
      pauseMs = 0
      return text === null ? null : parse(schema, text)
    } catch (error) {
      if (error instanceof Failure && error.code === 'broker-unavailable' && !signal.aborted) {
        pauseMs = Math.min(pauseMs === 0 ? FIRST_PAUSE_MS : pauseMs * 2, LONGEST_PAUSE_MS)
        pausedUntilMs = performance.now() + pauseMs
        trouble = error.message
      }
      throw error
    }
  }

  return {
    readSchema: (id, signal) => ask(`schemas/ids/${id}`, storedSchema, signal),
    listVersions: async (id, signal) =>
      (await ask(`schemas/ids/${id}/versions`, z.array(subjectVersion), signal)) ?? [],
    readVersion: (subject, version, signal) =>
      ask(
        `subjects/${encodeURIComponent(subject)}/versions/${version}`,
        storedSchema.extend({ ...subjectVersion.shape, id: z.number().int() }),
        signal,
      ),
  }
}

function authorizationOf({ schemaRegistryToken, schemaRegistryBasicAuth }: SchemaRegistrySecret): string | null {
  if (schemaRegistryToken !== undefined) return `Bearer ${schemaRegistryToken}`
  if (schemaRegistryBasicAuth === undefined) return null
  return `Basic ${Buffer.from(schemaRegistryBasicAuth).toString('base64')}`
}

/** null = 404. */
async function fetchText(
  address: URL,
  authorization: string | null,
  limitMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const timeout = AbortSignal.timeout(limitMs)
  try {
    const response = await fetch(address, {
      headers: {
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...(authorization !== null && { authorization }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    if (response.status === 200) return await readBody(response)
    if (response.status === 404) return refuseForeign(await readBody(response))
    await response.body?.cancel()
    throw failureOfStatus(response.status, authorization !== null)
  } catch (error) {
    if (error instanceof Failure) throw error
    const why = timeout.aborted
      ? `does not answer within ${limitMs / 1_000} s`
      : `cannot be reached (${causeOf(error)})`
    throw new Failure('broker-unavailable', `the schema registry ${why}`, { cause: error })
  }
}

/** A registry says by a code of its own that it has no such thing; anything else that answers 404 is no registry. */
function refuseForeign(body: string): null {
  if (notFound.safeParse(parseJson(body)).success) return null
  throw new Failure('invalid', 'nothing at the address of the schema registry speaks its language: is the path right?')
}

function failureOfStatus(status: number, isSignedIn: boolean): Failure {
  if (status === 401 || status === 403) {
    const why = isSignedIn ? 'refuses the sign-in' : 'wants a sign-in and none is configured'
    return new Failure('forbidden', `the schema registry ${why} (HTTP ${status})`)
  }
  if (status >= 300 && status < 400) {
    return new Failure('invalid', `the schema registry answers with a redirect (HTTP ${status}), which is not followed`)
  }
  const isOutage = status >= 500 || status === 429
  return new Failure(isOutage ? 'broker-unavailable' : 'invalid', `the schema registry answers HTTP ${status}`)
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, which closes the connection.
    if (size > MAX_BYTES) throw new Failure('limit', `a schema is longer than ${MAX_BYTES / 1024 / 1024} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Failure('invalid', 'the answer of the schema registry is not what a Confluent-compatible one gives')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own words quote the answer. What is no JSON is no answer either.
    return null
  }
}

/** `fetch failed` says nothing; the reason is one level below. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }
  if (typeof cause?.code === 'string') return cause.code
  return typeof cause?.message === 'string' && cause.message !== '' ? cause.message : 'no connection'
}
