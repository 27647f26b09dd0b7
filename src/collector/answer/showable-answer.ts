import type { DecodedBytes } from '#domain/schema/schema-answer.ts'

/** What a person can look at, and a row of ours can hold. */
const MAX_CHARACTERS = 1_048_576

/** A decoded form that is too long to be shown is said to be that. */
export function showableAnswer(decoded: DecodedBytes | null): DecodedBytes | null {
  if (decoded?.outcome !== 'decoded') return decoded
  if (decoded.json.length <= MAX_CHARACTERS) return decoded
  const reason = `its decoded form is longer than ${MAX_CHARACTERS / 1_048_576} MiB, which is too long to be shown`
  return { outcome: 'failed', schemaId: decoded.schema.id, reason, detail: null, isTemporary: false }
}
