import avro, { type Schema, type Type, type types } from 'avsc'
import type { SchemaText } from '#brokers/schema-registry/schema-text.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** Keeps what a schema says of a value beside its type, which avsc drops for logical types that it does not know. */
class AnnotatedType extends avro.types.LogicalType {
  readonly annotation: Readonly<Record<string, unknown>>

  constructor(schema: Schema, options?: unknown) {
    super(schema, options)
    this.annotation = Object.fromEntries(Object.entries(schema))
  }

  protected override _fromValue(value: unknown): unknown {
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return value
  }

  protected override _resolve(): undefined {
    return undefined
  }
}

const LOGICAL_TYPES = [
  'decimal',
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'local-timestamp-nanos',
  'duration',
]

/** The schema as avsc understands it, logical types with their annotations. @throws Undecodable */
export const parseAvro = (schema: SchemaText): Type =>
  parse(schema, Object.fromEntries(LOGICAL_TYPES.map((name) => [name, AnnotatedType])))

/** The same without logical types, as schemas are compared. @throws Undecodable */
export const parsePlainAvro = (schema: SchemaText): Type => parse(schema, {})

function parse({ text, references }: SchemaText, logicalTypes: Record<string, typeof AnnotatedType>): Type {
  try {
    const registry: Record<string, Type> = {}
    const options = { registry, logicalTypes, wrapUnions: true, omitRecordMethods: true }
    for (const reference of references) {
      avro.Type.forSchema(JSON.parse(reference.text) as Schema, options)
    }
    return avro.Type.forSchema(JSON.parse(text) as Schema, options)
  } catch (error) {
    throw new Undecodable('its schema cannot be understood', error instanceof Error ? error.message : String(error))
  }
}

export const isAnnotated = (type: Type): type is AnnotatedType => type instanceof AnnotatedType
export const isRecord = (type: Type): type is types.RecordType => avro.Type.isType(type, 'record', 'error')
export const isUnion = (type: Type): type is types.WrappedUnionType => avro.Type.isType(type, 'union')
export const isArray = (type: Type): type is types.ArrayType => avro.Type.isType(type, 'array')
export const isMap = (type: Type): type is types.MapType => avro.Type.isType(type, 'map')
export const isEnum = (type: Type): type is types.EnumType => avro.Type.isType(type, 'enum')
export const isFixed = (type: Type): type is types.FixedType => avro.Type.isType(type, 'fixed')
