import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'
import {
  candidates,
  furtherConditions,
  isAnsweredByIndex,
  type LetterPlace,
  type LetterSearch,
} from '#db/store/letter-candidates.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import type { LetterSubject, MatchLetters } from '#domain/dead-letter/letter-subject.ts'

/** Rows of one statement: few first, because most questions are answered by the newest; fewer where payloads are read. */
const FIRST_SLICE = 500
const MOST_PER_SLICE = 8_000
const SUBJECTS_PER_SLICE = 250

export interface LetterWalk {
  /** Pages end at so many matches. */
  readonly limit: number
  readonly match: MatchLetters
  /** Asked between statements: no further one is begun. */
  readonly isSpent: () => boolean
}

export interface WalkedLetters {
  /** Ids, newest death first. */
  readonly found: readonly number[]
  /** Where the next page begins; null when all was looked at. */
  readonly next: LetterPlace | null
  /** Candidates that were looked at, from where this walk began. */
  readonly lookedCount: number
  /** Letters that the expression could not be applied to, and why the first of them. */
  readonly failedCount: number
  readonly failedReason: string | null
}

/** Goes through the candidates until the page is full, all is looked at, or the budget is spent. */
export async function walkLetters(
  database: Database,
  search: LetterSearch,
  from: LetterPlace | null,
  walk: LetterWalk,
): Promise<WalkedLetters> {
  const { expression } = search.filter
  const isDirect = isAnsweredByIndex(search)
  const most = expression === null ? MOST_PER_SLICE : SUBJECTS_PER_SLICE
  const found: number[] = []
  let [at, lookedCount, failedCount] = [from, 0, 0]
  let failedReason: string | null = null
  for (let size = FIRST_SLICE; ; size = size * 4) {
    const count = isDirect ? walk.limit - found.length + 1 : Math.min(size, most)
    const slice = await readSlice(database, search, at, count)
    const judged = await judge(search, slice.rows, walk.match)
    failedCount += judged.failedCount
    failedReason ??= judged.failedReason
    const wanted = judged.rows.slice(0, walk.limit - found.length)
    found.push(...wanted.map(({ id }) => id))
    const last = wanted.at(-1)
    if (last !== undefined && wanted.length < judged.rows.length) {
      return { found, next: placeOf(last), lookedCount: lookedCount + last.ordinal, failedCount, failedReason }
    }
    lookedCount += slice.count
    at = slice.end ?? at
    const isEnd = slice.count < count || slice.end === null
    if (isEnd) return { found, next: null, lookedCount, failedCount, failedReason }
    if (found.length >= walk.limit || walk.isSpent()) return { found, next: at, lookedCount, failedCount, failedReason }
  }
}

interface SliceRow {
  readonly id: number
  readonly exactDeadAt: string
  /** Place within the slice, from 1. */
  readonly ordinal: number
  /** null where no expression is asked. */
  readonly subject: LetterSubject | null
}

interface Slice {
  readonly rows: readonly SliceRow[]
  readonly count: number
  /** The last candidate, whether it matches or not. */
  readonly end: LetterPlace | null
}

const placeOf = ({ exactDeadAt, id }: SliceRow): LetterPlace => ({ deadAt: exactDeadAt, id })

async function judge(search: LetterSearch, rows: readonly SliceRow[], match: MatchLetters) {
  const { expression } = search.filter
  if (expression === null || rows.length === 0) return { rows, failedCount: 0, failedReason: null }
  const subjects = rows.flatMap(({ subject }) => (subject === null ? [] : [subject]))
  const { matched, failedCount, failedReason } = await match(expression, subjects)
  return { rows: matched.flatMap((place) => rows[place] ?? []), failedCount, failedReason }
}

type StoredSubject = Omit<LetterSubject, 'headers'> & { readonly headers: readonly StoredHeader[] }
type FoundRow = Partial<{ [Key in keyof StoredSubject]: StoredSubject[Key] }> & {
  readonly id: number | null
  readonly exactDeadAt: string | null
  readonly ordinal: number | null
  readonly count: number
  readonly endDeadAt: string | null
  readonly endId: number | null
}

/**
 * What an expression can ask of a row. The large parts are read only where its text mentions them: a variable that it
 * does not name cannot change what it says.
 */
function subjectColumns(expression: string): SQL {
  const partOf = (name: RegExp, column: string, otherwise: string): SQL =>
    sql.raw(name.test(expression) ? column : otherwise)
  return sql`, dl.message_key as key, ${partOf(/\bheaders\b/, 'dl.headers', "'[]'::jsonb")} as headers,
    ${partOf(/\$|\bpayload\b|\btext\b/, 'dl.payload', 'null::bytea')} as payload, dl.payload_bytes as "payloadBytes",
    dl.destination, dl.origin_destination as origin, dl.consumer_group as "group", dl.exception_class as error,
    dl.exception_message as message, ${partOf(/\bstack\b/, 'dl.stack', 'null::text')} as stack, dl.dialect, dl.attempts,
    dl.redrive_count as redrives, (extract(epoch from dl.dead_at) * 1000)::float8 as "deadAtMs"`
}

async function readSlice(
  database: Database,
  search: LetterSearch,
  after: LetterPlace | null,
  size: number,
): Promise<Slice> {
  const { expression } = search.filter
  const isRead = expression !== null
  const { rows } = await database.execute<{ [Key in keyof FoundRow]: FoundRow[Key] }>(sql`
    with slice as materialized (
      select dead_at, id, (row_number() over (order by dead_at desc, id desc))::int as ordinal
      from (${candidates(search, after, size)}) candidate
    ), ending as (
      select dead_at::text as dead_at, id::float8 as id from slice order by ordinal desc limit 1
    )
    select (select count(*)::int from slice) as count, (select dead_at from ending) as "endDeadAt",
      (select id from ending) as "endId", matching.*
    from (select 1) as one left join lateral (
      select dl.id::float8 as id, dl.dead_at::text as "exactDeadAt", slice.ordinal ${expression === null ? sql`` : subjectColumns(expression)}
      from slice join dead_letter dl on dl.id = slice.id
      where ${furtherConditions(search)}
    ) matching on true
    order by matching.ordinal`)
  const [first] = rows
  if (first === undefined) throw new Error('an aggregate without a row')
  const end = first.endDeadAt === null || first.endId === null ? null : { deadAt: first.endDeadAt, id: first.endId }
  return { rows: rows.flatMap((row) => toSliceRow(row, isRead)), count: first.count, end }
}

function toSliceRow({ id, exactDeadAt, ordinal, ...row }: FoundRow, isRead: boolean): SliceRow[] {
  if (id === null || exactDeadAt === null || ordinal === null) return []
  const { count: _count, endDeadAt: _endDeadAt, endId: _endId, headers, ...rest } = row
  const subject = isRead ? ({ ...rest, headers: (headers ?? []).map(readStoredHeader) } as LetterSubject) : null
  return [{ id, exactDeadAt, ordinal, subject }]
}
