'use client'
import { useMemo } from 'react'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { findHotLanes } from '#domain/lag/hot-lanes.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount } from '#ui/format/number.ts'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { memberOfLane } from '#features/consumers/member-of-lane.ts'
import { TimeBehind } from '#features/consumers/time-behind.tsx'

type Lane = ConsumerDetail['lanes'][number]

interface LaneTableProps {
  readonly lanes: readonly Lane[]
  readonly members: NonNullable<ConsumerDetail['inventory']>['members']
}

/** Positions are exact figures: no rounding, monospaced. */
const position = (value: number | null | undefined) => (
  <span className="font-mono text-sm">{formatCount(value ?? null)}</span>
)

/** Lanes compare with those of the same destination only. */
const findHotLanesOfEach = (lanes: readonly Lane[]): readonly Lane[] =>
  [...Map.groupBy(lanes, (lane) => lane.destination).values()].flatMap((of) => findHotLanes(of))

/** The ordered parts of the destinations with what each of them owes. */
export function LaneTable({ lanes, members }: LaneTableProps) {
  const most = Math.max(1, ...lanes.map((lane) => lane.lagMessages ?? 0))
  const hot = useMemo(() => new Set(findHotLanesOfEach(lanes)), [lanes])
  const columns = useMemo((): readonly ListColumn<Lane>[] => {
    const member = (lane: Lane) => memberOfLane(members, lane.destination, lane.lane)
    return [
      {
        id: 'destination',
        header: 'Destination',
        sortBy: (lane) => lane.destination,
        cell: (lane) => lane.destination,
      },
      {
        id: 'lane',
        header: 'Lane',
        className: 'w-24',
        cell: (lane) => (
          <span className="flex flex-wrap items-center gap-1.5">
            <span className="font-mono text-sm">{lane.lane || '—'}</span>
            {hot.has(lane) && <StateMark tone="bad">hot</StateMark>}
          </span>
        ),
      },
      {
        id: 'member',
        header: 'Member',
        className: 'hidden @2xl:table-cell',
        cell: (lane) => <span className="text-ink-2 wrap-anywhere-safe">{member(lane) ?? '—'}</span>,
      },
      {
        id: 'committed',
        header: 'Committed',
        isNumeric: true,
        className: 'hidden @4xl:table-cell',
        cell: (lane) => position(lane.committed),
      },
      {
        id: 'end',
        header: 'End',
        isNumeric: true,
        className: 'hidden @4xl:table-cell',
        cell: (lane) => position(lane.end),
      },
      {
        id: 'behind',
        header: 'Behind by',
        isNumeric: true,
        className: 'hidden @lg:table-cell',
        cell: (lane) => <TimeBehind behindMs={lane.timeBehindMs ?? null} errorMs={lane.timeBehindErrorMs ?? null} />,
      },
      {
        id: 'lag',
        header: 'Lag',
        isNumeric: true,
        className: 'w-24',
        sortBy: (lane) => lane.lagMessages ?? -1,
        cell: (lane) => formatCount(lane.lagMessages ?? null),
      },
      {
        id: 'share',
        header: 'Share',
        className: 'w-1/4',
        cell: (lane) => (
          <SegmentBar
            label={`${formatCount(lane.lagMessages ?? null)} messages`}
            total={most}
            segments={[
              {
                id: 'lag',
                label: hot.has(lane) ? 'lag of a hot lane' : 'lag',
                size: lane.lagMessages ?? 0,
                className: hot.has(lane) ? 'bg-bad' : 'bg-accent',
              },
            ]}
          />
        ),
      },
    ]
  }, [members, most, hot])
  const ordered = useMemo(() => lanes.toSorted((a, b) => (b.lagMessages ?? -1) - (a.lagMessages ?? -1)), [lanes])
  if (lanes.length === 0) {
    return <EmptyState title="No lanes have been read">They come with the first lag poll of this group.</EmptyState>
  }
  return (
    <ListTable
      label="Lanes"
      columns={columns}
      rows={ordered}
      rowId={(lane) => JSON.stringify([lane.destination, lane.lane])}
    />
  )
}
