import { setImmediate } from 'node:timers/promises'
import { editMessage } from '#domain/edit/edit-message.ts'
import { createSchemaTally, type PlannedSchemas, type SchemaExample } from '#domain/operation/planned-schemas.ts'
import type { SchemaVerdict } from '#domain/schema/schema-answer.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'
import { readFilePayloads } from '#engine/read-file-payloads.ts'
import { readPlannedPayloads } from '#engine/read-planned-payloads.ts'

/** For one part of the messages; nearly all are answered from memory. */
const PART_LIMIT_MS = 60_000
/** Others get their turn after so many. */
const TURN = 50

/**
 * Decodes every message that would be sent, as the edit leaves it, and compares it with the latest schema of its
 * destination. Nothing is left out for it: what it finds is for a person to decide on. null where the cluster has no
 * schema registry.
 *
 * @throws Failure `broker-unavailable` when a payload that is held only in part cannot be read; `conflict` when it is not
 * being planned any more
 */
export async function checkSchemas(draft: PlanDraft): Promise<PlannedSchemas | null> {
  if (draft.broker.schemas === undefined) return null
  const tally = createSchemaTally()
  const parts = draft.row.kind === 'import' ? readOfFile(draft) : readOfLetters(draft)
  for await (const part of parts) {
    const signal = AbortSignal.timeout(PART_LIMIT_MS)
    for (const [at, planned] of part.entries()) {
      if (at % TURN === 0) await setImmediate()
      tally.add(await judge(draft, planned, signal), planned.targetDestination, planned.example)
    }
  }
  return tally.result()
}

interface JudgedMessage {
  readonly targetDestination: string
  /** Whole; null is a tombstone, undefined when nobody has it any more. */
  readonly payload: Uint8Array | null | undefined
  readonly example: Omit<SchemaExample, 'detail'>
}

const STEP = 'checking the schemas'

async function* readOfLetters(draft: PlanDraft): AsyncGenerator<readonly JudgedMessage[], void> {
  for await (const part of readPlannedPayloads(draft, STEP)) {
    yield part.map(({ item, payload }) => ({
      targetDestination: item.targetDestination,
      payload,
      example: {
        deadLetterId: String(item.deadLetterId),
        fingerprint: item.fingerprint,
        position: item.sourcePosition,
      },
    }))
  }
}

async function* readOfFile(draft: PlanDraft): AsyncGenerator<readonly JudgedMessage[], void> {
  for await (const part of readFilePayloads(draft, STEP)) {
    yield part.map(({ sourcePosition: position, ...message }) => ({
      ...message,
      example: { deadLetterId: null, fingerprint: null, position },
    }))
  }
}

async function judge(
  { broker, row }: PlanDraft,
  { targetDestination, payload }: JudgedMessage,
  signal: AbortSignal,
): Promise<SchemaVerdict> {
  if (payload === undefined) return { outcome: 'unchecked', reason: 'it is gone at its source', detail: null }
  const sent = row.edit === null ? payload : editMessage({ headers: [], payload }, row.edit).payload
  // A tombstone is what it is under every schema.
  if (sent === null || broker.schemas === undefined) return { outcome: 'no-schema' }
  return broker.schemas.judge(sent, targetDestination, signal)
}
