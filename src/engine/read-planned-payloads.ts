import { listStoredItems, type StoredItem } from '#db/store/edit-plan-store.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import { parsePosition, printPosition } from '#domain/position.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'

const PAGE = 500
const READ_LIMIT_MS = 10_000
/** Whole payloads are held for so many bytes at a time. */
const MAX_READ_BYTES = 16 * 1024 * 1024

export interface PlannedPayload {
  readonly item: StoredItem
  /** Whole; null is a tombstone, undefined when neither the source nor our archive has it any more. */
  readonly payload: Uint8Array | null | undefined
}

/**
 * The messages of a manifest that are not left out, in order and in parts, with their whole payloads. Those that the
 * inbox holds only in part are read from the source or from our archive.
 *
 * @param step what is being done, for those who watch
 * @throws Failure `broker-unavailable` and the like; `conflict` when it is not being planned any more
 */
export async function* readPlannedPayloads(
  draft: PlanDraft,
  step: string,
): AsyncGenerator<readonly PlannedPayload[], void> {
  let afterOrdinal = 0
  for (;;) {
    await draft.tell({ step, doneCount: afterOrdinal, totalCount: draft.itemCount })
    const page = await listStoredItems(draft.database, draft.row.id, afterOrdinal, PAGE)
    if (page.length === 0) return
    for (const part of cutAtBytes(page)) {
      const whole = await readWhole(draft, part)
      yield part.map((item) => ({ item, payload: item.isPayloadCut ? whole.get(item.sourcePosition) : item.payload }))
    }
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
