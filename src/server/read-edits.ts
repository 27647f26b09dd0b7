import type { Database } from '#db/client.ts'
import { listStoredItems, type StoredItem } from '#db/store/edit-plan-store.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { EditChange, EditStep } from '#domain/edit/edit-step.ts'
import { parseFieldPath } from '#domain/edit/field-path.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { isMaskedName, MASK, maskJson, maskText, type MaskRule } from '#domain/masking/mask-text.ts'

/** What the edit does to one message. */
export interface ItemEdit {
  readonly ordinal: number
  readonly sourcePosition: string
  /** Masked; null when it cannot be shown, and `note` says why. */
  readonly changes: readonly EditChange[] | null
  readonly note: string | null
}

export interface EditPage {
  readonly items: readonly ItemEdit[]
  /** Continue after this ordinal; null = that was all. */
  readonly nextOrdinal: number | null
}

/**
 * The edit of an operation, tried anew on the messages as the inbox holds them, by ordinal.
 *
 * @throws Failure `not-found` when there is no such operation, or it edits nothing
 */
export async function readEdits(
  database: Database,
  rule: MaskRule,
  query: { readonly operationId: string; readonly afterOrdinal: number; readonly limit: number },
): Promise<EditPage> {
  const steps = (await readOperation(database, query.operationId))?.edit ?? null
  if (steps === null) throw new Failure('not-found', 'this operation edits nothing')
  const items = await listStoredItems(database, query.operationId, query.afterOrdinal, query.limit)
  return {
    items: items.map((item) => showEdit(item, steps, rule)),
    nextOrdinal: items.length === query.limit ? (items.at(-1)?.ordinal ?? null) : null,
  }
}

function showEdit(item: StoredItem, steps: readonly EditStep[], rule: MaskRule): ItemEdit {
  const { ordinal, sourcePosition, dialect, payload } = item
  if (item.isPayloadCut) {
    return { ordinal, sourcePosition, changes: null, note: 'too large to be shown here; the dry run tried it whole' }
  }
  try {
    const headers = stripFailureHeaders(item.headers.map(readStoredHeader), dialect)
    const { changes } = editMessage({ headers, payload }, steps)
    return { ordinal, sourcePosition, changes: changes.map((change) => maskChange(change, rule)), note: null }
  } catch (error) {
    return { ordinal, sourcePosition, changes: null, note: toFailure(error).message }
  }
}

function maskChange(change: EditChange, rule: MaskRule): EditChange {
  const names = change.part === 'header' ? [change.at] : parseFieldPath(change.at).map(String)
  const isMasked = names.some((name) => isMaskedName(rule, name))
  const show = (value: string | null): string | null => {
    if (value === null) return null
    if (isMasked) return MASK
    return (change.part === 'payload' ? maskJson(rule, value) : maskText(value)).text
  }
  return { ...change, before: show(change.before), after: show(change.after) }
}
