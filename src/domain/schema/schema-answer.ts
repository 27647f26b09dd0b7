export const SCHEMA_KINDS = ['avro', 'protobuf', 'json-schema'] as const
export type SchemaKind = (typeof SCHEMA_KINDS)[number]

/** Which schema some bytes were written with, as its registry names it. */
export interface SchemaIdentity {
  readonly kind: SchemaKind
  /** Of the record or message; the subject where a JSON Schema has neither title nor id. */
  readonly name: string
  readonly id: number
  /** null where the registry does not say under which subject and version the id stands. */
  readonly subject: string | null
  readonly version: number | null
}

/** What a registry's schema makes of some bytes. */
export type DecodedBytes =
  | {
      readonly outcome: 'decoded'
      readonly schema: SchemaIdentity
      /** JSON text without spaces, every number digit by digit; binary fields are base64. Not masked. */
      readonly json: string
    }
  | {
      readonly outcome: 'failed'
      readonly schemaId: number
      /** One clause that many messages can share: `the payload ends too early`. */
      readonly reason: string
      /** What is particular to this message: a field, a position; null when there is nothing more to say. */
      readonly detail: string | null
      /** Whether the fault lies with the registry, not with the bytes: it may be another one later. */
      readonly isTemporary: boolean
    }

/** Whether a payload is what its destination's schema says. */
export type SchemaVerdict =
  /** Decodes, and fits the latest schema of the destination. */
  | { readonly outcome: 'fits' }
  /** Decodes, or carries no schema id; the destination has no schema to compare with. */
  | { readonly outcome: 'no-schema' }
  | SchemaObjection

export interface SchemaObjection {
  readonly outcome: 'does-not-decode' | 'does-not-fit' | 'no-schema-id' | 'unchecked'
  /** One clause that many messages can share. */
  readonly reason: string
  readonly detail: string | null
}
