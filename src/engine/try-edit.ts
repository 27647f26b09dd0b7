import type { Broker } from '#brokers/broker.ts'
import type { Database } from '#db/client.ts'
import { leaveItemsOut, listStoredItems, type StoredItem } from '#db/store/edit-plan-store.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import { toFailure } from '#domain/failure.ts'
import type { PlannedEdit } from '#domain/operation/redrive-plan.ts'
import { parsePosition } from '#domain/position.ts'

const PAGE = 500
/** The transaction of the plan idles meanwhile, and Postgres ends one that idles for 8 s. */
const READ_LIMIT_MS = 5_000

/**
 * The dry run of an edit: tries it on every message of the manifest, and leaves those out that it does not fit. Payloads
 * that the inbox holds only in part are read whole, from the source or from our archive.
 *
 * @throws Failure `broker-unavailable` and the like: then it is tried again
 */
export async function tryEdit(
  database: Database,
  broker: Broker,
  row: OperationRow,
  steps: readonly EditStep[],
): Promise<PlannedEdit> {
  let [changedCount, unchangedCount, afterOrdinal] = [0, 0, 0]
  for (;;) {
    const page = await listStoredItems(database, row.id, afterOrdinal, PAGE)
    if (page.length === 0) return { changedCount, unchangedCount }
    const unfit: { ordinal: number; reason: string }[] = []
    for (const item of page) {
      const payload = item.isPayloadCut ? await readWhole(database, broker, row.source, item) : item.payload
      const tried = payload === undefined ? 'gap: gone at the source before it was sent' : tryOn(item, payload, steps)
      if (typeof tried === 'string') unfit.push({ ordinal: item.ordinal, reason: tried })
      else if (tried > 0) changedCount += 1
      else unchangedCount += 1
    }
    await leaveItemsOut(database, row.id, unfit)
    afterOrdinal = page.at(-1)?.ordinal ?? afterOrdinal
  }
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

/** One that was too large to be stored; undefined when neither the source nor our archive has it any more. */
async function readWhole(
  database: Database,
  broker: Broker,
  source: string,
  item: StoredItem,
): Promise<Uint8Array | null | undefined> {
  const position = parsePosition(item.sourcePosition)
  const signal = AbortSignal.timeout(READ_LIMIT_MS)
  const live = position === null ? [] : await broker.replaySource?.readAt(source, [position], signal)
  const [message] = live?.length ? live : await readArchivedMessages(database, [item.deadLetterId])
  return message?.payload
}
