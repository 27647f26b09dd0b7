'use client'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { flowWords } from '#features/flows/flow-words.ts'
import { HopStrip } from '#features/flows/hop-strip.tsx'
import type { RouterOutputs } from '#trpc/router-types.ts'

export type FlowRow = RouterOutputs['flow']['list']['flows'][number]

export const FLOW_COLUMNS: readonly ListColumn<FlowRow>[] = [
  {
    id: 'status',
    header: 'Status',
    className: 'w-32',
    cell: (flow) => <StateMark tone={flowWords(flow.status).tone}>{flowWords(flow.status).word}</StateMark>,
  },
  {
    id: 'flow',
    header: 'Flow',
    cell: (flow) => (
      <div className="min-w-32">
        <span className="wrap-anywhere-safe">
          <TextLink href={flowPath(flow.flowKey)} isMono>
            {flow.recordName ?? flow.flowKey}
          </TextLink>
          {flow.recordName !== null && (
            <span
              className="ml-2 font-mono text-[11px] text-ink-3"
              title="The id is read from a record; the spans carry none"
            >
              {flow.flowKey.slice(0, 8)}…
            </span>
          )}
        </span>
        <div className="mt-1">
          <HopStrip steps={flow.strip} services={flow.services} />
        </div>
      </div>
    ),
  },
  {
    id: 'hops',
    header: 'Hops',
    isNumeric: true,
    className: 'hidden w-16 @lg:table-cell',
    cell: (flow) => (
      <span className="inline-flex items-center gap-2">
        <span aria-hidden="true" className="hatch-queue inline-block h-2.5 w-4 rounded-xs" />
        {formatCount(flow.hopCount)}
      </span>
    ),
  },
  {
    id: 'duration',
    header: 'Took',
    isNumeric: true,
    className: 'w-20',
    cell: (flow) => formatDurationUs(flow.endedUs - flow.startedUs),
  },
  {
    id: 'spans',
    header: 'Spans',
    isNumeric: true,
    className: 'hidden w-16 @2xl:table-cell',
    cell: (flow) => formatCount(flow.spanCount),
  },
  {
    id: 'errors',
    header: 'Errors',
    isNumeric: true,
    className: 'hidden w-16 @2xl:table-cell',
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
    className: 'hidden w-28 @lg:table-cell',
    cell: (flow) => (
      <span className="text-ink-2">
        <MomentText atMs={flow.startedUs / 1000} />
      </span>
    ),
  },
]
