'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { buttonClass } from '#ui/button-class.ts'
import { PageHead } from '#ui/page-head.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { RecentFlows } from '#features/flows/recent-flows.tsx'
import { SamplingNote } from '#features/flows/sampling-note.tsx'
import { StuckList } from '#features/flows/stuck-list.tsx'
import { InstrumentationList } from '#features/instrumentation/instrumentation-list.tsx'
import { RetryList } from '#features/retries/retry-list.tsx'

const TABS = ['recent', 'stuck', 'retries', 'instrumentation'] as const
/** More than this is said as such, not counted. */
const COUNTED = 50

/** All flows of a window of time, and those with a message that was not taken in time. */
export function FlowList() {
  const trpc = useTRPC()
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('recent'))
  const stuck = useQuery({ ...trpc.flow.stuck.queryOptions({ limit: COUNTED }), refetchInterval: 5000 })
  const found = stuck.data?.deliveries.length ?? 0
  const hasMore = stuck.data !== undefined && stuck.data.nextCursor !== null
  return (
    <>
      <PageHead
        title="Flows"
        sentence="Everything that happened to one correlation id, over any number of traces and brokers."
        actions={
          <Link href="/compare" prefetch={false} className={buttonClass('plain', 'small')}>
            Compare two
          </Link>
        }
      />
      <div className="mb-3 empty:hidden">
        <SamplingNote />
      </div>
      <Tabs
        label="Which flows"
        value={tab}
        onChange={(next) => void setTab(TABS.find((one) => one === next) ?? null)}
        entries={[
          { id: 'recent', label: 'Recent', content: <RecentFlows /> },
          {
            id: 'stuck',
            label: 'Stuck',
            ...(stuck.data === undefined ? {} : { count: hasMore ? `${COUNTED}+` : found }),
            content: <StuckList />,
          },
          { id: 'retries', label: 'Retries', content: <RetryList /> },
          { id: 'instrumentation', label: 'Instrumentation', content: <InstrumentationList /> },
        ]}
      />
    </>
  )
}
