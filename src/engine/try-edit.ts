import { leaveItemsOut, listStoredItems, type StoredItem } from '#db/store/edit-plan-store.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import { toFailure } from '#domain/failure.ts'
import type { PlannedEdit } from '#domain/operation/redrive-plan.ts'
import { parsePosition, printPosition } from '#domain/position.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'

const PAGE = 500
const READ_LIMIT_MS = 10_000
/** Whole payloads are held for so many bytes at a time. */
const MAX_READ_BYTES = 16 * 1024 * 1024

/**
 * The dry run of an edit: tries it on every message of the manifest, and leaves those out that it does not fit. Payloads
 * that the inbox holds only in part are read whole, from the source or from our archive.
 *
 * @throws Failure `broker-unavailable` and the like: then it is tried again
 */
export async function tryEdit(draft: PlanDraft, steps: readonly EditStep[]): Promise<PlannedEdit> {
  const { database, row } = draft
  let [changedCount, unchangedCount, afterOrdinal] = [0, 0, 0]
  for (;;) {
    await draft.tell({ step: 'trying the edit', doneCount: afterOrdinal, totalCount: draft.itemCount })
    const page = await listStoredItems(database, row.id, afterOrdinal, PAGE)
    if (page.length === 0) return { changedCount, unchangedCount }
    const unfit: { ordinal: number; reason: string }[] = []
    for (const part of cutAtBytes(page)) {
      const whole = await readWhole(draft, part)
      for (const item of part) {
        const payload = item.isPayloadCut ? whole.get(item.sourcePosition) : item.payload
        const tried = payload === undefined ? 'gap: gone at the source before it was sent' : tryOn(item, payload, steps)
        if (typeof tried === 'string') unfit.push({ ordinal: item.ordinal, reason: tried })
        else if (tried > 0) changedCount += 1
        else unchangedCount += 1
      }
    }
    await leaveItemsOut(database, draft.fence, unfit)
    afterOrdinal = page.at(-1)?.ordinal ?? afterOrdinal
  }
}

/** Parts whose cut payloads are within the bound together, or one that is beyond it alone. */
function cutAtBytes(items: readonly StoredItem[]): readonly (readonly StoredItem[])[] {
  const parts: StoredItem[][] = []
  let bytes = Infinity
  for (const item of items) {
    const size = item.isPayloadCut ? item.payloadBytes : 0
    bytes += size
    if (bytes > MAX_READ_BYTES) {
      parts.push([])
      bytes = size
    }
    parts.at(-1)?.push(item)
  }
  return parts
}

/** How many places it changes, or why it does not fit. */
function tryOn(item: StoredItem, payload: Uint8Array | null, steps: readonly EditStep[]): number | string {
  try {
    const headers = stripFailureHeaders(item.headers.map(readStoredHeader), item.dialect)
    return editMessage({ headers, payload }, steps).changes.length
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'invalid') throw error
    return `the edit does not fit: ${failure.message}`
  }
}

/** Payloads that were too large to be stored, by printed position; missing when neither source nor archive has them. */
async function readWhole(
  { database, broker, row }: PlanDraft,
  items: readonly StoredItem[],
): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const cut = items.filter((item) => item.isPayloadCut)
  const positions = cut.flatMap((item) => parsePosition(item.sourcePosition) ?? [])
  const live =
    positions.length === 0
      ? []
      : ((await broker.replaySource?.readAt(row.source, positions, AbortSignal.timeout(READ_LIMIT_MS))) ?? [])
  const found = new Map(live.map((message) => [printPosition(message.position), message.payload]))
  const missing = cut.flatMap((item) => (found.has(item.sourcePosition) ? [] : item.deadLetterId))
  for (const message of missing.length === 0 ? [] : await readArchivedMessages(database, missing)) {
    found.set(printPosition(message.position), message.payload)
  }
  return found
}
