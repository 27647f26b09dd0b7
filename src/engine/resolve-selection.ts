import { openLetterSearch, type LetterPlace } from '#db/store/letter-candidates.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { walkLetters } from '#db/store/walk-letters.ts'
import type { EngineContext } from '#engine/engine-context.ts'

const PAGE = 10_000

/**
 * The operation with the ids that its filter finds at this moment in the place of the filter: what dies or leaves later
 * changes nothing any more. At most `limit + 1` ids are found, more than `limit` means "too many".
 *
 * @throws Failure `invalid` or `limit` as the expression gives cause to
 */
export async function resolveSelection(
  { client: { database }, expressions }: Pick<EngineContext, 'client' | 'expressions'>,
  row: OperationRow,
  limit: number,
): Promise<OperationRow> {
  const { fingerprint, ids, filter } = row.selection
  if (filter === undefined) return row
  const place = { clusterId: row.clusterId, destination: row.source }
  const search = await openLetterSearch(database, { state: 'open', fingerprint, place, filter })
  const found: number[] = []
  let from: LetterPlace | null = null
  do {
    const page: Awaited<ReturnType<typeof walkLetters>> = await walkLetters(database, search, from, {
      limit: Math.min(PAGE, limit + 1 - found.length),
      match: expressions.match,
      isSpent: () => false,
    })
    found.push(...page.found)
    from = page.next
  } while (from !== null && found.length <= limit)
  const wanted = ids === null ? null : new Set(ids)
  return { ...row, selection: { fingerprint, ids: wanted === null ? found : found.filter((id) => wanted.has(id)) } }
}
