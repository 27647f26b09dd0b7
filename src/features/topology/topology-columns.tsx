import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatRate, formatShare } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { kindWord, nodeState } from '#features/topology/node-words.ts'
import type { MapNode } from '#features/topology/topology-graph.ts'

const rateText = (perSecond: number | null): string => (perSecond === null ? '—' : formatRate(perSecond))

/** The map as a list: the same nodes with the same figures. */
export function topologyColumns(isPresent: boolean): readonly ListColumn<MapNode>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      cell: (node) => (
        <>
          <div className="font-semibold wrap-anywhere-safe">{node.name}</div>
          <div className="text-sm text-ink-3 sm:hidden">{kindWord(node.kind)}</div>
        </>
      ),
      sortBy: (node) => node.name,
    },
    {
      id: 'kind',
      header: 'Kind',
      cell: (node) => kindWord(node.kind),
      sortBy: (node) => node.kind,
      className: 'hidden sm:table-cell',
    },
    {
      id: 'state',
      header: 'State',
      cell: (node) => {
        const state = nodeState(node, isPresent)
        return state === null ? (
          <span className="text-ink-3">—</span>
        ) : (
          <StateMark tone={state.tone}>{state.word}</StateMark>
        )
      },
    },
    {
      id: 'sent',
      header: 'Sent',
      cell: (node) => rateText(node.sentPerSecond),
      isNumeric: true,
      sortBy: (node) => node.sentPerSecond ?? -1,
    },
    {
      id: 'received',
      header: 'Received',
      cell: (node) => rateText(node.receivedPerSecond),
      isNumeric: true,
      sortBy: (node) => node.receivedPerSecond ?? -1,
      className: 'hidden md:table-cell',
    },
    {
      id: 'dwell',
      header: 'Dwell p95',
      cell: (node) => formatDuration(node.dwellP95Ms),
      isNumeric: true,
      sortBy: (node) => node.dwellP95Ms ?? -1,
      className: 'hidden md:table-cell',
    },
    {
      id: 'errors',
      header: 'Errors',
      cell: (node) => (node.errorShare === null ? '—' : formatShare(node.errorShare)),
      isNumeric: true,
      sortBy: (node) => node.errorShare ?? -1,
      className: 'hidden lg:table-cell',
    },
    {
      id: 'lag',
      header: 'Lag',
      cell: (node) => formatCount(node.lagMessages),
      isNumeric: true,
      sortBy: (node) => node.lagMessages ?? -1,
    },
    {
      id: 'dead',
      header: 'Dead letters',
      cell: (node) => formatCount(node.openDeadLetterCount),
      isNumeric: true,
      sortBy: (node) => node.openDeadLetterCount ?? -1,
      className: 'hidden lg:table-cell',
    },
  ]
}
