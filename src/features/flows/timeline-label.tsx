import { CornerUpLeft } from 'lucide-react'
import type { TimelineRow } from '#domain/flow/flow.ts'
import { classNames } from '#ui/class-names.ts'

const MOST_DEPTH = 14
const INDENT_PX = 13

const NOTE: Readonly<Record<TimelineRow['tone'], string>> = {
  normal: 'text-ink-3',
  ok: 'text-ok',
  bad: 'text-bad',
  warn: 'text-warn',
  replay: 'text-replay',
  dim: 'text-ink-3',
}

/** Small sign of what is not a span. */
function Sign({ kind }: { readonly kind: TimelineRow['kind'] }) {
  if (kind === 'span') return null
  if (kind === 'operation') return <CornerUpLeft size={12} aria-hidden="true" className="shrink-0 text-replay" />
  const fill = kind === 'queue' ? 'hatch-queue' : kind === 'parked' ? 'hatch-parked' : 'bg-backoff'
  return <span aria-hidden="true" className={classNames('h-2.5 w-2.5 shrink-0 rounded-xs', fill)} />
}

/** Who did what, indented under what caused it. */
export function TimelineLabel({ row }: { readonly row: TimelineRow }) {
  return (
    <span
      className="flex min-w-0 items-center gap-1.5 pr-2 whitespace-nowrap"
      style={{ paddingLeft: 10 + Math.min(row.depth, MOST_DEPTH) * INDENT_PX }}
    >
      <Sign kind={row.kind} />
      <span
        className="min-w-0 truncate"
        title={`${row.service} ${row.label}${row.note === null ? '' : ` · ${row.note}`}`}
      >
        <bdi>{row.service}</bdi> <bdi className="text-ink-3">{row.label}</bdi>
        {row.isCritical && <span className="sr-only">, on the critical path</span>}
      </span>
      {row.note !== null && (
        <span className={classNames('max-w-1/2 min-w-0 truncate xl:shrink-0', NOTE[row.tone])}>{row.note}</span>
      )}
    </span>
  )
}
