'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { SamplingNote } from '#features/flows/sampling-note.tsx'
import { AttentionList } from '#features/overview/attention-list.tsx'
import { FailureBars } from '#features/overview/failure-bars.tsx'
import { OverviewSkeleton } from '#features/overview/overview-skeleton.tsx'
import { OverviewTiles } from '#features/overview/overview-tiles.tsx'
import { QueueTimeChart } from '#features/overview/queue-time-chart.tsx'
import { RecentOperations } from '#features/overview/recent-operations.tsx'

const TopologyCard = dynamic(async () => (await import('#features/topology/topology-card.tsx')).TopologyCard, {
  ssr: false,
  loading: () => <div className="h-72" />,
})

/** How everything is, in one sentence, six figures and what needs a person. */
export function Overview() {
  const trpc = useTRPC()
  const summary = useQuery({ ...trpc.overview.summary.queryOptions(), refetchInterval: 3000 })
  return (
    <>
      <PageHead title="Overview" sentence={summary.data?.sentence ?? '\u00a0'} />
      <Fetched query={summary} skeleton={<OverviewSkeleton />}>
        {(overview) =>
          overview.clusterCount === 0 ? (
            <Card>
              <EmptyState title="No broker is connected yet">
                Start with <span className="font-mono">npm start</span>, which brings a broker and a demo shop, or name
                your own in <span className="font-mono">THROUGHLINE_CLUSTERS</span>.
              </EmptyState>
            </Card>
          ) : (
            <div className="flex flex-col gap-3">
              <OverviewTiles tiles={overview.tiles} />
              <SamplingNote />
              <div className="grid items-start gap-3 xl:grid-cols-[1.25fr_1fr]">
                <Card title="Needs attention" note="least time left first" isFlush>
                  <AttentionList items={overview.attention} />
                </Card>
                <div className="flex min-w-0 flex-col gap-3">
                  <Card title="Time in queue and processing" note="last hour, by the minute">
                    <QueueTimeChart points={overview.series} reason={overview.seriesReason} />
                  </Card>
                  <Card title="Dead letters by failure" note="open">
                    <FailureBars failures={overview.failures} total={overview.tiles.deadLettersOpen.value} />
                  </Card>
                  <Card title="Recent operations" isFlush>
                    <RecentOperations operations={overview.recentOperations} />
                  </Card>
                </div>
              </div>
              <Card title="Topology" note={<TextLink href="/topology">Open</TextLink>} isFlush>
                <TopologyCard />
              </Card>
            </div>
          )
        }
      </Fetched>
    </>
  )
}
