import type { Type } from 'avsc'
import type { JsonSchema } from '#brokers/schema-registry/json-schema.ts'
import type { ProtobufSchema } from '#brokers/schema-registry/protobuf-types.ts'
import type {
  RegistryRequests,
  SchemaReference,
  StoredSchema,
  SubjectVersion,
} from '#brokers/schema-registry/registry-requests.ts'
import type { SchemaText } from '#brokers/schema-registry/schema-text.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'
import { toFailure } from '#domain/failure.ts'

/** A schema that is ready for use. */
export type LoadedSchema = { readonly id: number; readonly versions: readonly SubjectVersion[] } & (
  | { readonly kind: 'avro'; readonly type: Type; readonly text: SchemaText }
  | { readonly kind: 'protobuf'; readonly schema: ProtobufSchema }
  | { readonly kind: 'json-schema'; readonly schema: JsonSchema }
)

export interface MissingSchema {
  readonly kind: 'missing'
  readonly id: number
  /** One clause: why there is none to use. */
  readonly reason: string
  readonly detail: string | null
  /** Whether the registry itself is at fault. */
  readonly isTemporary: boolean
}

const MOST_REFERENCES = 100

/** Fetches a schema with all that it refers to, and makes it ready. What goes wrong is the answer. */
export async function loadSchema(
  requests: RegistryRequests,
  id: number,
  signal: AbortSignal,
): Promise<LoadedSchema | MissingSchema> {
  try {
    const [stored, versions] = await Promise.all([
      requests.readSchema(id, signal),
      // Not every registry says where an id stands; without it the schema has no version to show.
      requests.listVersions(id, signal).catch((): readonly SubjectVersion[] => []),
    ])
    if (stored === null) return missing(id, `the registry knows no schema with the id ${id}`)
    const text: SchemaText = { text: stored.schema, references: await collectReferences(requests, stored, signal) }
    return await prepare({ id, versions }, stored.schemaType, text)
  } catch (error) {
    if (error instanceof Undecodable) return missing(id, error.reason, error.detail)
    const failure = toFailure(error)
    const isTemporary = failure.retryable || failure.code === 'forbidden' || failure.code === 'invalid'
    return { ...missing(id, failure.message), isTemporary }
  }
}

const missing = (id: number, reason: string, detail: string | null = null): MissingSchema => ({
  kind: 'missing',
  id,
  reason,
  detail,
  isTemporary: false,
})

/** The libraries load on first use: most collectors never see a schema. */
async function prepare(
  named: Pick<LoadedSchema, 'id' | 'versions'>,
  schemaType: string,
  text: SchemaText,
): Promise<LoadedSchema> {
  switch (schemaType) {
    case 'AVRO': {
      const { parseAvro } = await import('#brokers/schema-registry/avro-types.ts')
      return { ...named, kind: 'avro', type: parseAvro(text), text }
    }
    case 'PROTOBUF': {
      const { parseProtobuf } = await import('#brokers/schema-registry/protobuf-types.ts')
      return { ...named, kind: 'protobuf', schema: parseProtobuf(text) }
    }
    case 'JSON': {
      const { parseJsonSchema } = await import('#brokers/schema-registry/json-schema.ts')
      return { ...named, kind: 'json-schema', schema: parseJsonSchema(text) }
    }
    default:
      throw new Undecodable('its schema is of a kind that is not known here', schemaType.slice(0, 40))
  }
}

/** Each once, those first that others refer to. */
async function collectReferences(
  requests: RegistryRequests,
  schema: StoredSchema,
  signal: AbortSignal,
): Promise<SchemaText['references']> {
  const seen = new Set<string>()
  const collected: { name: string; text: string }[] = []
  const visit = async (references: readonly SchemaReference[]): Promise<void> => {
    for (const { name, subject, version } of references) {
      const key = JSON.stringify([name, subject, version])
      if (seen.has(key)) continue
      seen.add(key)
      if (seen.size > MOST_REFERENCES) throw new Undecodable(`its schema refers to more than ${MOST_REFERENCES} others`)
      const found = await requests.readVersion(subject, version, signal)
      if (found === null) throw new Undecodable('its schema refers to one that is gone', `${subject} ${version}`)
      await visit(found.references ?? [])
      collected.push({ name, text: found.schema })
    }
  }
  await visit(schema.references ?? [])
  return collected
}
