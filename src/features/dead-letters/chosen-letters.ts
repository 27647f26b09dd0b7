import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { formatPlural } from '#ui/format/number.ts'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

/** What a plan selects: one letter, what a search finds, or the failure group. */
export function selectionOf(
  group: FailureGroup,
  onlyId: number | null,
  filter: LetterFilter | undefined,
): { ids: number[] } | { filter: LetterFilter } | { fingerprint: string } {
  if (onlyId !== null) return { ids: [onlyId] }
  return filter === undefined ? { fingerprint: group.fingerprint } : { filter }
}

/** What a panel is headed with: the act and what it is about. */
export function actTitle(
  act: 'Redrive' | 'Discard',
  group: FailureGroup,
  onlyId: number | null,
  filter: LetterFilter | undefined,
): string {
  if (onlyId !== null) return `${act} one dead letter`
  return filter === undefined ? `${act} ${formatPlural(group.count, 'dead letter')}` : `${act} what is found`
}
