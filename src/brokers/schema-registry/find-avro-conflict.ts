import { parsePlainAvro } from '#brokers/schema-registry/avro-types.ts'
import type { LoadedSchema } from '#brokers/schema-registry/load-schema.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

type AvroSchema = LoadedSchema & { readonly kind: 'avro' }
interface Conflict {
  readonly reason: string
  readonly detail: string | null
}

/** Verdicts live as long as the schemas that they are about. */
const known = new WeakMap<AvroSchema, WeakMap<AvroSchema, Conflict | null>>()

/** Why what was written with one schema cannot be read with another, by Avro's rules of schema resolution; null = it can. */
export function findAvroConflict(written: AvroSchema, latest: AvroSchema): Conflict | null {
  const ofLatest = known.get(latest) ?? new WeakMap<AvroSchema, Conflict | null>()
  known.set(latest, ofLatest)
  const before = ofLatest.get(written)
  if (before !== undefined) return before
  const conflict = resolve(written, latest)
  ofLatest.set(written, conflict)
  return conflict
}

function resolve(written: AvroSchema, latest: AvroSchema): Conflict | null {
  const reason = `what schema ${written.id} writes cannot be read with the latest one, ${latest.id}`
  try {
    parsePlainAvro(latest.text).createResolver(parsePlainAvro(written.text))
    return null
  } catch (error) {
    if (error instanceof Undecodable) return { reason: error.reason, detail: error.detail }
    return { reason, detail: error instanceof Error ? error.message.slice(0, 300) : null }
  }
}
