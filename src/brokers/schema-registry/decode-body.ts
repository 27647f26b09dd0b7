import type { LoadedSchema } from '#brokers/schema-registry/load-schema.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** A body in the form its schema gives it. */
export interface DecodedBody {
  /** Of the record or message; null where the schema has none. */
  readonly name: string | null
  readonly json: string
}

/** @throws Undecodable; a JSON body is only read, {@link judgeBody} says whether it fits */
export async function decodeBody(schema: LoadedSchema, body: Uint8Array): Promise<DecodedBody> {
  switch (schema.kind) {
    case 'avro': {
      const { decodeAvro } = await import('#brokers/schema-registry/decode-avro.ts')
      return { name: schema.type.name ?? schema.type.typeName, json: decodeAvro(schema.type, body) }
    }
    case 'protobuf': {
      const { decodeProtobuf, openProtobufBody } = await import('#brokers/schema-registry/decode-protobuf.ts')
      const opened = openProtobufBody(schema.schema, body)
      return { name: opened.type.fullName.replace(/^\./, ''), json: decodeProtobuf(opened) }
    }
    case 'json-schema': {
      const { readJsonBody } = await import('#brokers/schema-registry/json-schema.ts')
      return { name: schema.schema.name, json: readJsonBody(body).text }
    }
  }
}

export interface Misfit {
  readonly reason: string
  readonly detail: string | null
}

/** Why a body that `written` describes is not what `latest` says; null when it is. */
export async function judgeBody(written: LoadedSchema, latest: LoadedSchema, body: Uint8Array): Promise<Misfit | null> {
  if (written.kind !== latest.kind) {
    return {
      reason: `it is ${WORDS[written.kind]}, and the destination's schema is ${WORDS[latest.kind]}`,
      detail: null,
    }
  }
  if (latest.kind === 'json-schema') return judgeJsonBody(latest, body)
  if (written.id === latest.id) return null
  if (written.kind === 'avro' && latest.kind === 'avro') {
    const { findAvroConflict } = await import('#brokers/schema-registry/find-avro-conflict.ts')
    return findAvroConflict(written, latest)
  }
  if (written.kind !== 'protobuf' || latest.kind !== 'protobuf') return null
  const { decodeProtobuf, openProtobufBody } = await import('#brokers/schema-registry/decode-protobuf.ts')
  const { findMessage } = await import('#brokers/schema-registry/protobuf-types.ts')
  const opened = openProtobufBody(written.schema, body)
  const name = opened.type.fullName.replace(/^\./, '')
  const type = findMessage(latest.schema, name)
  if (type === null) return { reason: `the destination's schema has no message ${name}`, detail: null }
  return misfitOf(() => decodeProtobuf({ ...opened, type }))
}

/** The same for a body that carries no schema id, which only JSON can be judged without. */
export async function judgeJsonBody(
  latest: LoadedSchema & { readonly kind: 'json-schema' },
  body: Uint8Array,
): Promise<Misfit | null> {
  const { judgeJson, readJsonBody } = await import('#brokers/schema-registry/json-schema.ts')
  return judgeJson(latest.schema, readJsonBody(body).value)
}

const WORDS = { avro: 'Avro', protobuf: 'Protobuf', 'json-schema': 'JSON Schema' } as const

function misfitOf(read: () => unknown): Misfit | null {
  try {
    read()
    return null
  } catch (error) {
    if (error instanceof Undecodable) return { reason: error.reason, detail: error.detail }
    throw error
  }
}
