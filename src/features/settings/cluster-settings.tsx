'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { CodeBox } from '#ui/code-box.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { useOpenRow } from '#ui/table/use-open-row.ts'
import { brokerName, clusterTone, clusterWord, type ClusterRow } from '#features/clusters/cluster-tone.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { ClusterPanel } from '#features/settings/cluster-panel.tsx'
import { readUnreadable } from '#features/settings/cluster-abilities.ts'

const COLUMNS: readonly ListColumn<ClusterRow>[] = [
  {
    id: 'status',
    header: 'State',
    className: 'w-32',
    cell: ({ status }) => <StateMark tone={clusterTone(status)}>{clusterWord(status)}</StateMark>,
  },
  {
    id: 'name',
    header: 'Cluster',
    cell: (cluster) => (
      <div className="wrap-anywhere-safe">
        <b>{cluster.name}</b>{' '}
        <span className="text-ink-3">
          {brokerName(cluster.kind)} · {cluster.environment}
        </span>
        {cluster.statusReason !== null && <div className="line-clamp-3 text-ink-2">{cluster.statusReason}</div>}
      </div>
    ),
  },
  {
    id: 'size',
    header: 'Holds',
    className: 'hidden w-44 @2xl:table-cell',
    cell: ({ destinationCount, groupCount }) => (
      <span className="text-ink-2">
        {formatPlural(destinationCount, 'destination')}, {formatPlural(groupCount, 'group')}
      </span>
    ),
  },
  {
    id: 'unreadable',
    header: 'Unreadable',
    className: 'hidden w-28 @3xl:table-cell',
    cell: ({ capabilities }) => {
      const count = readUnreadable(capabilities).length
      return count === 0 ? (
        <span className="text-ink-3">nothing</span>
      ) : (
        <StateMark tone="warn">{formatCount(count)}</StateMark>
      )
    },
  },
  {
    id: 'asOf',
    header: 'As of',
    isNumeric: true,
    className: 'hidden w-28 @xl:table-cell',
    cell: ({ statusAtMs }) =>
      statusAtMs === null ? <span className="text-ink-3">never</span> : <MomentText atMs={statusAtMs} />,
  },
]

const EXAMPLE = `THROUGHLINE_CLUSTERS='[{"id":"prod-eu","kind":"kafka","name":"Orders EU",
  "environment":"production","configuration":{"brokers":["kafka-1:9092"]}}]'`

const NO_CLUSTER =
  'Clusters are named in the collector’s configuration, see below. Flows need none: they come from telemetry alone.'

/** The brokers that are watched: whether they answer, why not, and what of them cannot be read. */
export function ClusterSettings() {
  const trpc = useTRPC()
  const details = useOpenRow('cluster')
  const list = useQuery({
    ...trpc.cluster.list.queryOptions(),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  })
  const opened = list.data?.clusters.find(({ id }) => id === details.openId)
  return (
    <div className="flex flex-col gap-3">
      {details.openId !== null && list.data !== undefined && opened === undefined && (
        <Note tone="unknown" title={`There is no cluster ${details.openId}`}>
          It may have been removed from the configuration since the link was made.
        </Note>
      )}
      <FetchedList
        query={list}
        rowsOf={({ clusters }) => clusters.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))}
        title="Clusters"
        note="what does not answer first"
        label="Clusters"
        expected={3}
        empty={{ title: 'No broker is watched', text: NO_CLUSTER }}
        columns={COLUMNS}
        rowId={({ id }) => id}
        details={details}
      />
      <Card title="Adding a cluster">
        <p className="mb-2 max-w-[80ch] text-ink-2">
          Brokers are registered where their credentials are: in the environment of the collector, which alone can open
          them. It takes the list over when it starts.
        </p>
        <CodeBox label="How a cluster is configured" text={EXAMPLE} />
      </Card>
      {opened !== undefined && <ClusterPanel cluster={opened} onClose={details.close} />}
    </div>
  )
}

const ORDER: readonly ClusterRow['status'][] = ['unreachable', 'degraded', 'unknown', 'connected']
