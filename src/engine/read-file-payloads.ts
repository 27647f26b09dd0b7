import { listFileItems, type FileItem } from '#db/store/import-plan-store.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'

const PAGE = 500
/** Whole payloads are held for so many bytes at a time, or one that is larger alone. */
const MAX_READ_BYTES = 16 * 1024 * 1024

/**
 * The messages of an import's manifest that are not left out, in the order of the file and in parts.
 *
 * @param step what is being done, for those who watch
 * @throws Failure `conflict` when it is not being planned any more
 */
export async function* readFilePayloads(draft: PlanDraft, step: string): AsyncGenerator<readonly FileItem[], void> {
  const { database, row } = draft
  if (row.importId === null) return
  let afterOrdinal = 0
  for (;;) {
    await draft.tell({ step, doneCount: afterOrdinal, totalCount: draft.itemCount })
    const bound = { afterOrdinal, limit: PAGE, maxBytes: MAX_READ_BYTES }
    const part = await listFileItems(database, row.id, row.importId, bound)
    if (part.length === 0) return
    yield part
    afterOrdinal = part.at(-1)?.ordinal ?? afterOrdinal
  }
}
