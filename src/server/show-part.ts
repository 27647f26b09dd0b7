import { z } from 'zod'
import { maskJson, type MaskRule } from '#domain/masking/mask-text.ts'
import { SCHEMA_KINDS, type DecodedBytes, type SchemaIdentity } from '#domain/schema/schema-answer.ts'
import { showBytes, type ShownBytes } from '#server/show-bytes.ts'

/** What a schema makes of a key or payload, masked. */
export type ShownDecoded =
  | {
      readonly outcome: 'decoded'
      readonly schema: SchemaIdentity
      readonly text: string
      readonly maskedCount: number
    }
  | Extract<DecodedBytes, { outcome: 'failed' }>

/** A key or payload in every form that it has. */
export interface ShownPart extends ShownBytes {
  /** null when it carries no schema id, or its cluster has no schema registry. */
  readonly decoded: ShownDecoded | null
  /** The bytes are not shown, because fields of the decoded form are masked; `text` is empty then. */
  readonly isWithheld: boolean
}

const schemaIdentity = z.object({
  kind: z.enum(SCHEMA_KINDS),
  name: z.string(),
  id: z.number(),
  subject: z.string().nullable(),
  version: z.number().nullable(),
})

/** What a collector answers about bytes: {@link DecodedBytes}, or null. */
export const decodedAnswer = z
  .discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('decoded'), schema: schemaIdentity, json: z.string() }),
    z.object({
      outcome: z.literal('failed'),
      schemaId: z.number(),
      reason: z.string(),
      detail: z.string().nullable(),
      isTemporary: z.boolean(),
    }),
  ])
  .nullable()

/** @returns null for null bytes (a tombstone, no key) */
export function showPart(
  value: Uint8Array | null,
  byteCount: number,
  decoded: DecodedBytes | null,
  rule: MaskRule,
): ShownPart | null {
  const bytes = showBytes(value, byteCount, rule)
  if (bytes === null) return null
  if (decoded === null || decoded.outcome === 'failed') return { ...bytes, decoded, isWithheld: false }
  const masked = maskJson(rule, decoded.json)
  const shown = { outcome: 'decoded', schema: decoded.schema, ...masked } as const
  // Hex digits would give away what is masked.
  const isWithheld = masked.maskedCount > 0
  return { ...bytes, ...(isWithheld && { text: '' }), decoded: shown, isWithheld }
}
