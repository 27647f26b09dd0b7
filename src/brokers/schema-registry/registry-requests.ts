import { z } from 'zod'
import { getBounded, parseJson } from '#brokers/get-bounded.ts'
import type {
  SchemaRegistryConfiguration,
  SchemaRegistrySecret,
} from '#brokers/schema-registry/schema-registry-configuration.ts'
import { Failure } from '#domain/failure.ts'

/** A registry that hangs holds nothing up for longer than this. */
const LIMIT_MS = 2_500
const MAX_BYTES = 4 * 1024 * 1024
const WHO = 'the schema registry'
const ACCEPT = 'application/vnd.schemaregistry.v1+json, application/json'
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
      const address = new URL(path, base)
      const { status, text } = await getBounded({
        who: WHO,
        accept: ACCEPT,
        address,
        authorization,
        limitMs,
        maxBytes: MAX_BYTES,
        signal,
      })
      pauseMs = 0
      return status === 404 ? refuseForeign(text) : parse(schema, text)
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

/** A registry says by a code of its own that it has no such thing; anything else that answers 404 is no registry. */
function refuseForeign(body: string): null {
  if (notFound.safeParse(parseJson(body)).success) return null
  throw new Failure('invalid', 'nothing at the address of the schema registry speaks its language: is the path right?')
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Failure('invalid', 'the answer of the schema registry is not what a Confluent-compatible one gives')
}
