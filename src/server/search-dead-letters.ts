import { z } from 'zod'
import { decodeCursor, encodeCursor } from '#db/page-cursor.ts'
import { type DeadLetterRow, readDeadLetterRows } from '#db/store/dead-letter-list.ts'
import { countCandidates, openLetterSearch } from '#db/store/letter-candidates.ts'
import { walkLetters } from '#db/store/walk-letters.ts'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import type { Runtime } from '#server/runtime.ts'

/** An answer is given by then; what is left is asked for by its cursor. */
const BUDGET_MS = 700

interface SearchInput {
  readonly state: DeadLetterState
  readonly filter: LetterFilter
  readonly limit: number
  readonly cursor: string | null
}

export interface FoundLetters {
  readonly deadLetters: readonly DeadLetterRow[]
  /** With fewer than asked for: more may follow, ask on. null = all was looked at. */
  readonly nextCursor: string | null
  /** Of this page alone. */
  readonly lookedCount: number
  /** What there is to be looked at, at most a million; null after the first page. */
  readonly totalCount: number | null
  readonly failedCount: number
  readonly failedReason: string | null
  readonly nowMs: number
}

const cursorShape = z.tuple([z.string().max(60), z.number().int()])

/** Single dead letters of every failure group, newest death first, bounded in work. */
export async function searchDeadLetters(
  { database, expressions, nowMs }: Pick<Runtime, 'database' | 'expressions' | 'nowMs'>,
  { state, filter, limit, cursor }: SearchInput,
  signal: AbortSignal | undefined,
): Promise<FoundLetters> {
  const endsAt = performance.now() + BUDGET_MS
  const search = await openLetterSearch(database, { state, fingerprint: null, place: null, filter })
  const from = cursor === null ? null : decodeCursor(cursorShape, cursor)
  const [totalCount, walked] = await Promise.all([
    from === null ? countCandidates(database, search) : null,
    walkLetters(database, search, from === null ? null : { deadAt: from[0], id: from[1] }, {
      limit,
      match: expressions.match,
      isSpent: () => signal?.aborted === true || performance.now() >= endsAt,
    }),
  ])
  const { found, next, lookedCount, failedCount, failedReason } = walked
  return {
    deadLetters: await readDeadLetterRows(database, found),
    nextCursor: next === null ? null : encodeCursor([next.deadAt, next.id]),
    lookedCount,
    totalCount,
    failedCount,
    failedReason,
    nowMs: nowMs(),
  }
}
