'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import type { Connector } from '#domain/connect/connector.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { useOpenRow } from '#ui/table/use-open-row.ts'
import { TextLink } from '#ui/text-link.tsx'
import { ConnectorPanel } from '#features/connectors/connector-panel.tsx'
import { connectorWords, describeTasks, worstOf } from '#features/connectors/connector-words.ts'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { Fetched } from '#features/failure/fetched.tsx'

/** The connectors of every cluster that has some, as Kafka Connect says them now. */
export function ConnectorList({
  clusters,
}: {
  readonly clusters: readonly { readonly id: string; readonly name: string }[]
}) {
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault(''))
  return (
    <div className="flex flex-col gap-3">
      <FilterText
        label="Filter by connector or group"
        placeholder="Connector or group…"
        value={search}
        onChange={(text) => void setSearch(text === '' ? null : text)}
        className="w-full sm:w-64"
      />
      {clusters.map(({ id, name }) => (
        <ConnectorsOfCluster key={id} clusterId={id} clusterName={name} search={search.toLowerCase()} />
      ))}
    </div>
  )
}

const connectorId = ({ connect, name }: Connector): string => JSON.stringify([connect, name])

function ConnectorsOfCluster({
  clusterId,
  clusterName,
  search,
}: {
  readonly clusterId: string
  readonly clusterName: string
  readonly search: string
}) {
  const trpc = useTRPC()
  const details = useOpenRow('connector')
  const list = useQuery({ ...trpc.connector.list.queryOptions({ clusterId }), refetchInterval: 5_000 })
  const opened = list.data?.connectors.find((one) => connectorId(one) === details.openId)
  return (
    <Card title={`Kafka Connect beside ${clusterName}`} isFlush>
      <Fetched query={list} skeleton={<SkeletonRows count={3} label="connectors" />}>
        {({ connectors, unreadable, leftOutCount }) => {
          const shown = connectors.filter((one) => `${one.name}\n${one.group ?? ''}`.toLowerCase().includes(search))
          return (
            <>
              {unreadable.map(({ subject, reason }) => (
                <div key={subject} data-notice="" className="m-3">
                  <Note tone="warn" title={`Not known: ${subject}`}>
                    {reason}
                  </Note>
                </div>
              ))}
              {shown.length === 0 ? (
                <EmptyState title={connectors.length === 0 ? 'No connector' : 'No connector is like that'}>
                  {connectors.length === 0 ? 'None is deployed there, or none could be read.' : 'Widen the filter.'}
                </EmptyState>
              ) : (
                <ListTable
                  label={formatPlural(shown.length, 'connector')}
                  columns={columnsOf(clusterId)}
                  rows={shown}
                  rowId={connectorId}
                  onOpen={(row) => details.open(connectorId(row))}
                  onClose={details.close}
                  openId={details.openId}
                />
              )}
              {leftOutCount > 0 && <p className="px-3.5 py-2 text-sm text-ink-3">and {leftOutCount} more</p>}
            </>
          )
        }}
      </Fetched>
      {opened !== undefined && <ConnectorPanel clusterId={clusterId} connector={opened} onClose={details.close} />}
    </Card>
  )
}

const columnsOf = (clusterId: string): readonly ListColumn<Connector>[] => [
  {
    id: 'state',
    header: 'Status',
    className: 'w-32',
    cell: (row) => {
      const { word, tone } = connectorWords(worstOf(row))
      return <StateMark tone={tone}>{word}</StateMark>
    },
  },
  {
    id: 'name',
    header: 'Connector',
    sortBy: ({ name }) => name,
    cell: ({ name, className, type }) => (
      <>
        <span className="font-semibold wrap-anywhere-safe">{name}</span>
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          {[type === 'unknown' ? null : type, className].filter(Boolean).join(', ')}
        </div>
      </>
    ),
  },
  {
    id: 'tasks',
    header: 'Tasks',
    className: 'hidden @lg:table-cell',
    cell: (row) => <span className="text-ink-2">{describeTasks(row)}</span>,
  },
  {
    id: 'group',
    header: 'Group',
    className: 'hidden @2xl:table-cell',
    cell: ({ group }) => (group === null ? '—' : <TextLink href={consumerPath(clusterId, group)}>{group}</TextLink>),
  },
]
