'use client'
import type { FlowSummary } from '#domain/flow/flow.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { flowWords } from '#features/flows/flow-words.ts'
import { HopStrip } from '#features/flows/hop-strip.tsx'

export const FLOW_COLUMNS: readonly ListColumn<FlowSummary>[] = [
  {
    id: 'status',
    header: 'Status',
    className: 'w-36',
    cell: (flow) => <StateMark tone={flowWords(flow.status).tone}>{flowWords(flow.status).word}</StateMark>,
  },
  {
    id: 'flow',
    header: 'Flow',
    cell: (flow) => (
      <div className="min-w-32">
        <span className="wrap-anywhere-safe">
          <TextLink href={flowPath(flow.flowKey)} isMono>
            {flow.flowKey}
          </TextLink>
        </span>
        <div className="mt-1">
          <HopStrip services={flow.services} destinations={flow.destinations} hopCount={flow.hopCount} />
        </div>
      </div>
    ),
  },
  {
    id: 'destinations',
    header: 'Through',
    className: 'hidden xl:table-cell',
    cell: (flow) => <span className="text-ink-2 wrap-anywhere-safe">{flow.destinations.join(', ') || '—'}</span>,
  },
  {
    id: 'duration',
    header: 'Took',
    isNumeric: true,
    className: 'w-24',
    cell: (flow) => formatDurationUs(flow.endedUs - flow.startedUs),
  },
  {
    id: 'spans',
    header: 'Spans',
    isNumeric: true,
    className: 'hidden w-20 md:table-cell',
    cell: (flow) => formatCount(flow.spanCount),
  },
  {
    id: 'errors',
    header: 'Errors',
    isNumeric: true,
    className: 'hidden w-20 md:table-cell',
    cell: (flow) =>
      flow.errorCount === 0 ? (
        <span className="text-ink-3">0</span>
      ) : (
        <span className="text-bad">{formatCount(flow.errorCount)}</span>
      ),
  },
  {
    id: 'started',
    header: 'Started',
    isNumeric: true,
    className: 'hidden w-28 sm:table-cell',
    cell: (flow) => (
      <span className="text-ink-2">
        <MomentText atMs={flow.startedUs / 1000} />
      </span>
    ),
  },
]
