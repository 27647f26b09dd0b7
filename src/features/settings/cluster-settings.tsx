'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { CodeBox } from '#ui/code-box.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { brokerName, clusterTone, clusterWord, type ClusterRow } from '#features/clusters/cluster-tone.ts'
import { Fetched } from '#features/failure/fetched.tsx'
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

/** The brokers that are watched: whether they answer, why not, and what of them cannot be read. */
export function ClusterSettings() {
  const trpc = useTRPC()
  const [openId, setOpenId] = useQueryState('cluster', parseAsString.withDefault(''))
  const list = useQuery({
    ...trpc.cluster.list.queryOptions(),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  })
  const close = () => void setOpenId(null)
  const opened = list.data?.clusters.find(({ id }) => id === openId)
  return (
    <div className="flex flex-col gap-3">
      {openId !== '' && list.data !== undefined && opened === undefined && (
        <Note tone="unknown" title={`There is no cluster ${openId}`}>
          It may have been removed from the configuration since the link was made.
        </Note>
      )}
      <Card title="Clusters" note="what does not answer first" isFlush>
        <Fetched query={list} skeleton={<SkeletonRows count={3} label="clusters" />}>
          {({ clusters }) =>
            clusters.length === 0 ? (
              <EmptyState title="No broker is watched">
                Clusters are named in the collector’s configuration, see below. Flows need none: they come from
                telemetry alone.
              </EmptyState>
            ) : (
              <ListTable
                label="Clusters"
                columns={COLUMNS}
                rows={clusters.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))}
                rowId={({ id }) => id}
                openId={openId === '' ? null : openId}
                onOpen={({ id }) => void setOpenId(id)}
                onClose={close}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      <Card title="Adding a cluster">
        <p className="mb-2 max-w-[80ch] text-ink-2">
          Brokers are registered where their credentials are: in the environment of the collector, which alone can open
          them. It takes the list over when it starts.
        </p>
        <CodeBox label="How a cluster is configured" text={EXAMPLE} />
      </Card>
      {opened !== undefined && <ClusterPanel cluster={opened} onClose={close} />}
    </div>
  )
}

const ORDER: readonly ClusterRow['status'][] = ['unreachable', 'degraded', 'unknown', 'connected']
