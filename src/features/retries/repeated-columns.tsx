'use client'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { effectWords, type RepeatedRow, repeatWords } from '#features/retries/retry-words.ts'

export const REPEATED_COLUMNS: readonly ListColumn<RepeatedRow>[] = [
  {
    id: 'state',
    header: 'What happened',
    className: 'w-32 sm:w-44',
    cell: (row) => <StateMark tone={repeatWords(row).tone}>{repeatWords(row).word}</StateMark>,
  },
  {
    id: 'message',
    header: 'Message',
    cell: ({ destination, service, messageKey, correlationId, runs }) => (
      <>
        <div className="wrap-anywhere-safe">
          <TextLink href={flowPath(correlationId ?? runs[0]?.traceId ?? '')} isMono>
            {correlationId ?? messageKey ?? `trace ${runs[0]?.traceId.slice(0, 8)}`}
          </TextLink>
        </div>
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          {destination}, by {service}
        </div>
      </>
    ),
  },
  {
    id: 'runs',
    header: 'Runs and what they did',
    className: 'hidden md:table-cell',
    cell: ({ runs, runCount }) => (
      <ol className="flex flex-col gap-0.5">
        {runs.slice(0, 4).map((run, index) => (
          <li key={`${run.traceId}${run.spanId}`} className="flex flex-wrap gap-x-2 text-sm">
            <TextLink
              href={`${flowPath(run.traceId)}?row=${encodeURIComponent(`span:${run.traceId}:${run.spanId}`)}`}
              title="Open the span"
            >
              run {index + 1}
            </TextLink>
            <span className={run.isFailed ? 'text-bad' : 'text-ink-2'}>
              {run.isFailed ? 'failed' : 'not marked failed'} after {formatDurationUs(run.durationUs)}
            </span>
            <span className="text-ink-3">{effectWords(run)}</span>
          </li>
        ))}
        {runCount > 4 && <li className="text-sm text-ink-3">and {formatCount(runCount - 4)} more</li>}
      </ol>
    ),
  },
  {
    id: 'count',
    header: 'Runs',
    isNumeric: true,
    className: 'w-16',
    cell: ({ runCount }) => formatCount(runCount),
  },
  {
    id: 'last',
    header: 'Last',
    isNumeric: true,
    className: 'hidden w-28 sm:table-cell',
    cell: ({ runs }) => <MomentText atMs={(runs.at(-1)?.startUs ?? 0) / 1000} />,
  },
]
