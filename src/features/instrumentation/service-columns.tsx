'use client'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import {
  type Finding,
  findingTitle,
  generationWord,
  languageWord,
  type ServiceDiagnosis,
  severityWords,
} from '#features/instrumentation/finding-words.ts'

const RANKS: Readonly<Record<Finding['severity'], number>> = { bad: 10_000, warn: 100, note: 1 }
const rankOf = ({ findings }: ServiceDiagnosis): number =>
  findings.reduce((sum, { severity }) => sum + RANKS[severity], 0)

export const SERVICE_COLUMNS: readonly ListColumn<ServiceDiagnosis>[] = [
  {
    id: 'service',
    header: 'Service',
    className: 'min-w-28 sm:w-52',
    sortBy: ({ service }) => service,
    cell: ({ service, languages, systems }) => (
      <>
        <div className="font-semibold wrap-anywhere-safe">{service}</div>
        <div className="text-sm text-ink-3">
          {[...languages.map((language) => languageWord(language)), ...systems].join(' · ')}
        </div>
      </>
    ),
  },
  {
    id: 'findings',
    header: 'Findings',
    sortBy: (row) => -rankOf(row),
    cell: ({ findings }) => <FindingMarks findings={findings} />,
  },
  {
    id: 'generation',
    header: 'Names',
    className: 'hidden w-40 md:table-cell',
    sortBy: ({ generation }) => generation,
    cell: ({ generation, generations }) => (
      <>
        {generationWord(generation)}
        {generations.length > 1 && <div className="text-sm text-ink-3">and {generations.length - 1} other</div>}
      </>
    ),
  },
  {
    id: 'spans',
    header: 'Judged by',
    isNumeric: true,
    className: 'hidden w-28 sm:table-cell',
    sortBy: ({ spanCount }) => spanCount,
    cell: ({ spanCount }) => formatPlural(spanCount, 'span'),
  },
]

function FindingMarks({ findings }: { readonly findings: readonly Finding[] }) {
  const grave = findings.filter(({ severity }) => severity !== 'note')
  const noteCount = findings.length - grave.length
  if (findings.length === 0) return <StateMark tone="ok">Nothing is missing</StateMark>
  return (
    <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1">
      {grave.map(({ kind, severity }) => (
        <StateMark key={kind} tone={severityWords(severity).tone} title={severityWords(severity).word}>
          {findingTitle(kind)}
        </StateMark>
      ))}
      {noteCount > 0 && (
        <span className="text-sm text-ink-3">
          {grave.length > 0 && '+ '}
          {formatCount(noteCount)} harmless
        </span>
      )}
    </div>
  )
}
