import { abortable } from '#brokers/abortable.ts'
import type { SchemaFacet } from '#brokers/broker.ts'
import { decodeBody, judgeBody, judgeJsonBody } from '#brokers/schema-registry/decode-body.ts'
import { keepAnswers } from '#brokers/schema-registry/kept-answers.ts'
import { loadSchema, type LoadedSchema, type MissingSchema } from '#brokers/schema-registry/load-schema.ts'
import { openRegistryRequests, type SubjectVersion } from '#brokers/schema-registry/registry-requests.ts'
import type {
  SchemaRegistryConfiguration,
  SchemaRegistrySecret,
} from '#brokers/schema-registry/schema-registry-configuration.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'
import { toFailure } from '#domain/failure.ts'
import { readFrame, type Frame } from '#domain/schema/read-frame.ts'
import type { DecodedBytes, SchemaObjection, SchemaVerdict } from '#domain/schema/schema-answer.ts'

const MOST_SCHEMAS = 300
const MOST_SUBJECTS = 1_000
/** What is missing or cannot be reached is asked for again after this; an id never changes its meaning. */
const MISSING_KEEP_MS = 5_000
const LATEST_KEEP_MS = 60_000

/** The newest schema of a subject; null = the subject has none. */
type Latest = LoadedSchema | MissingSchema | null

export interface SchemaRegistry extends SchemaFacet {
  /** Ends what is being asked. */
  close(): void
}

/**
 * A Confluent-compatible registry. Nothing is asked before the first message needs it.
 * @param limitMs for one answer of the registry
 */
export function openSchemaRegistry(
  configuration: SchemaRegistryConfiguration,
  secret: SchemaRegistrySecret,
  limitMs?: number,
): SchemaRegistry {
  const closing = new AbortController()
  const requests = openRegistryRequests(configuration, secret, limitMs)
  const schemas = keepAnswers<number, LoadedSchema | MissingSchema>(
    MOST_SCHEMAS,
    (id) => loadSchema(requests, id, closing.signal),
    (found) => (found.kind === 'missing' ? MISSING_KEEP_MS : null),
  )
  const readLatest = async (subject: string): Promise<Latest> => {
    try {
      const latest = await requests.readVersion(subject, 'latest', closing.signal)
      return latest === null ? null : await schemas.get(latest.id)
    } catch (error) {
      return { kind: 'missing', id: 0, reason: toFailure(error).message, detail: null, isTemporary: true }
    }
  }
  const latest = keepAnswers<string, Latest>(MOST_SUBJECTS, readLatest, (found) =>
    found?.kind === 'missing' ? MISSING_KEEP_MS : LATEST_KEEP_MS,
  )

  return {
    async decode(bytes, part, destinations, signal) {
      const frame = readFrame(bytes)
      if (frame === null) return null
      const schema = await abortable(schemas.get(frame.schemaId), signal)
      return decodeFrame(schema, frame, (versions) => chooseVersion(versions, destinations, part))
    },
    async judge(payload, destination, signal) {
      const expected = await abortable(latest.get(`${destination}-value`), signal)
      if (expected?.kind === 'missing') return objection('unchecked', expected)
      const frame = readFrame(payload)
      if (frame === null) return judgeUnframed(expected, payload)
      const written = await abortable(schemas.get(frame.schemaId), signal)
      if (written.kind === 'missing') {
        return objection(written.isTemporary ? 'unchecked' : 'does-not-decode', written)
      }
      return judgeFramed(written, expected, frame.body)
    },
    close: () => closing.abort(),
  }
}

async function decodeFrame(
  schema: LoadedSchema | MissingSchema,
  { schemaId, body }: Frame,
  choose: (versions: readonly SubjectVersion[]) => SubjectVersion | null,
): Promise<DecodedBytes> {
  if (schema.kind === 'missing') {
    const { reason, detail, isTemporary } = schema
    return { outcome: 'failed', schemaId, reason, detail, isTemporary }
  }
  try {
    const { name, json } = await decodeBody(schema, body)
    const stands = choose(schema.versions)
    const subject = stands?.subject ?? null
    const identity = { kind: schema.kind, id: schema.id, subject, version: stands?.version ?? null }
    return { outcome: 'decoded', schema: { ...identity, name: name ?? subject ?? `schema ${schema.id}` }, json }
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error
    return { outcome: 'failed', schemaId, reason: error.reason, detail: error.detail, isTemporary: false }
  }
}

/** An id can stand under several subjects: that of one of the destinations, else the only one. */
function chooseVersion(
  versions: readonly SubjectVersion[],
  destinations: readonly string[],
  part: 'key' | 'value',
): SubjectVersion | null {
  for (const destination of destinations) {
    const own = versions.filter((one) => one.subject === `${destination}-${part}`)
    const newest = own.toSorted((one, other) => other.version - one.version)[0]
    if (newest !== undefined) return newest
  }
  return versions.length === 1 ? (versions[0] ?? null) : null
}

async function judgeFramed(written: LoadedSchema, expected: LoadedSchema | null, body: Uint8Array) {
  try {
    await decodeBody(written, body)
  } catch (error) {
    return objectionTo('does-not-decode', error)
  }
  return expected === null
    ? ({ outcome: 'no-schema' } as const)
    : verdictOf(() => judgeBody(written, expected, body), 'does-not-fit')
}

async function judgeUnframed(expected: LoadedSchema | null, payload: Uint8Array): Promise<SchemaVerdict> {
  if (expected === null) return { outcome: 'no-schema' }
  // JSON can be judged without an id, and many producers write it that way.
  if (expected.kind === 'json-schema') return verdictOf(() => judgeJsonBody(expected, payload), 'does-not-decode')
  return { outcome: 'no-schema-id', reason: 'it carries no schema id, and its destination has a schema', detail: null }
}

/** @param outcome of what cannot be read at all */
async function verdictOf(
  judge: () => Promise<Omit<SchemaObjection, 'outcome'> | null>,
  outcome: SchemaObjection['outcome'],
): Promise<SchemaVerdict> {
  try {
    const misfit = await judge()
    return misfit === null ? { outcome: 'fits' } : objection('does-not-fit', misfit)
  } catch (error) {
    return objectionTo(outcome, error)
  }
}

function objectionTo(outcome: SchemaObjection['outcome'], error: unknown): SchemaObjection {
  if (error instanceof Undecodable) return objection(outcome, error)
  throw error
}

const objection = (
  outcome: SchemaObjection['outcome'],
  { reason, detail }: Omit<SchemaObjection, 'outcome'>,
): SchemaObjection => ({ outcome, reason, detail })
