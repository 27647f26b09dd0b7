'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { FilterChips } from '#ui/filter-chips.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { ConsumerList } from '#features/consumers/consumer-list.tsx'

const ConnectorList = dynamic(async () => (await import('#features/connectors/connector-list.tsx')).ConnectorList, {
  ssr: false,
})

const VIEWS = ['groups', 'connectors'] as const

/** Who works off what: consumer groups, and the connectors of Kafka Connect where a cluster has one. */
export function ConsumersPage() {
  const trpc = useTRPC()
  const [view, setView] = useQueryState('view', parseAsStringLiteral(VIEWS).withDefault('groups'))
  const { data } = useQuery({ ...trpc.cluster.list.queryOptions(), staleTime: 10_000 })
  const withConnect = (data?.clusters ?? []).filter(({ capabilities }) => capabilities['hasConnectors'] === true)
  return (
    <>
      <PageHead
        title="Consumers"
        sentence="Who works off which destination, how far behind they are, and how that is known."
      />
      {withConnect.length > 0 && (
        <div className="mb-2">
          <FilterChips
            label="Show"
            chips={[
              { id: 'groups', label: 'Groups' },
              { id: 'connectors', label: 'Connectors' },
            ]}
            value={view}
            onChange={(id) => void setView(id === 'connectors' ? id : null)}
          />
        </div>
      )}
      {view === 'connectors' && withConnect.length > 0 ? <ConnectorList clusters={withConnect} /> : <ConsumerList />}
    </>
  )
}
