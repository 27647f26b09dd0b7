'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { ConsumerTimeline } from '#features/consumers/consumer-timeline.tsx'
import { marksOf } from '#features/consumers/chart-marks.ts'
import { WhyCards } from '#features/consumers/why-cards.tsx'
import { ConsumerTiles } from '#features/consumers/consumer-tiles.tsx'
import { GroupExpectedTimes } from '#features/consumers/group-expected-times.tsx'
import { LagChart } from '#features/consumers/lag-chart.tsx'
import { lagWords } from '#features/consumers/lag-words.ts'
import { LaneLagChart } from '#features/consumers/lane-lag-chart.tsx'
import { LaneTable } from '#features/consumers/lane-table.tsx'
import { PauseBanner } from '#features/consumers/pause-banner.tsx'
import { PauseButton } from '#features/consumers/pause-button.tsx'
import { MemberList } from '#features/consumers/member-list.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { ResetCard } from '#features/resets/reset-card.tsx'

/** With one destination its verdict; with several each says its own below. */
function sentenceOf(detail: ConsumerDetail | undefined): string {
  const [first, ...others] = detail?.destinations ?? []
  if (first === undefined) return '\u00a0'
  return others.length === 0 ? first.sentence : `Reads ${formatPlural(others.length + 1, 'destination')}.`
}

const WINDOWS = ['15m', '1h', '6h', '24h'] as const
type Window = (typeof WINDOWS)[number]
const WINDOW_MS: Readonly<Record<Window, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
}

/** The sum of each destination, or each lane by itself. */
const VIEWS = ['sum', 'lanes'] as const

export type ConsumerDetail = RouterOutputs['consumer']['get']
export type ConsumerHappenings = RouterOutputs['consumer']['happenings']
export type MeasuredDwell = ConsumerHappenings['measured'][number]

interface ConsumerPageProps {
  readonly clusterId: string
  readonly group: string
}

/** One consumer group: how far behind, since when, on which lanes, and who reads them. */
export function ConsumerPage({ clusterId, group }: ConsumerPageProps) {
  const trpc = useTRPC()
  const [window, setWindow] = useQueryState('window', parseAsStringLiteral(WINDOWS).withDefault('1h'))
  const [view, setView] = useQueryState('lag', parseAsStringLiteral(VIEWS).withDefault('sum'))
  const detail = useQuery({
    ...trpc.consumer.get.queryOptions({ clusterId, group, windowMs: WINDOW_MS[window] }),
    refetchInterval: 3000,
    placeholderData: keepPreviousData,
  })
  const happenings = useQuery({
    ...trpc.consumer.happenings.queryOptions({ clusterId, group, windowMs: WINDOW_MS[window] }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  const pause = useQuery({ ...trpc.pause.get.queryOptions({ clusterId, group }), refetchInterval: 2000 })
  const worst = detail.data?.destinations[0]
  return (
    <>
      <PageHead
        trail={
          <>
            <TextLink href="/consumers">Consumers</TextLink> / {worst?.clusterName ?? clusterId} /
          </>
        }
        title={group}
        mark={worst && <StateMark tone={lagWords(worst.state).tone}>{lagWords(worst.state).word}</StateMark>}
        sentence={sentenceOf(detail.data)}
        actions={detail.data && pause.data && <PauseButton consumer={detail.data} info={pause.data} />}
      />
      <Fetched
        query={detail}
        skeleton={
          <Card isFlush>
            <SkeletonRows count={8} label="the consumer" />
          </Card>
        }
      >
        {(consumer) => (
          <div className="flex flex-col gap-3">
            {pause.data && <PauseBanner info={pause.data} />}
            {consumer.destinations.map((destination) => (
              <ConsumerTiles
                key={destination.destination}
                destination={destination}
                lanes={consumer.lanes.filter((lane) => lane.destination === destination.destination)}
                measured={happenings.data?.measured.find((one) => one.destination === destination.destination) ?? null}
                isNamed={consumer.destinations.length > 1}
                nowMs={consumer.nowMs}
              />
            ))}
            {consumer.destinations.length === 0 && (
              <Card>
                <EmptyState title="No lag has been read yet">
                  The broker knows the group, but it has not committed a position anywhere, or the lag poll has not come
                  round.
                </EmptyState>
              </Card>
            )}
            <div className="grid gap-3 xl:grid-cols-[1.7fr_1fr]">
              <Card
                title="Lag"
                note={
                  <span className="flex flex-wrap gap-3">
                    <FilterChips
                      label="Lag of"
                      chips={VIEWS.map((id) => ({ id, label: id }))}
                      value={view}
                      onChange={(id) => void setView(VIEWS.find((known) => known === id) ?? null)}
                    />
                    <FilterChips
                      label="Window"
                      chips={WINDOWS.map((id) => ({ id, label: id }))}
                      value={window}
                      onChange={(id) => void setWindow(WINDOWS.find((known) => known === id) ?? null)}
                    />
                  </span>
                }
              >
                {view === 'sum' ? (
                  <LagChart
                    series={consumer.series}
                    stepMs={consumer.stepMs}
                    marks={happenings.data === undefined ? [] : marksOf(happenings.data, consumer.nowMs)}
                  />
                ) : (
                  <LaneLagChart clusterId={clusterId} group={group} windowMs={WINDOW_MS[window]} />
                )}
              </Card>
              <Card title="Members" note={consumer.inventory === null ? undefined : consumer.inventory.state}>
                <MemberList inventory={consumer.inventory} />
              </Card>
            </div>
            <div className="grid gap-3 xl:grid-cols-2">
              <WhyCards consumer={consumer} />
              <Card title="What happened" note="states, rebalances, deploys, operations">
                <Fetched query={happenings} skeleton={<SkeletonRows count={4} label="what happened" />}>
                  {(found) => <ConsumerTimeline happenings={found} isNamed={consumer.destinations.length > 1} />}
                </Fetched>
              </Card>
            </div>
            <GroupExpectedTimes group={group} />
            <Card title="Lanes" note="share of lag, hot ones first" isFlush>
              <LaneTable lanes={consumer.lanes} members={consumer.inventory?.members ?? null} />
            </Card>
            <ResetCard
              clusterId={clusterId}
              group={group}
              destinations={consumer.destinations.map(({ destination }) => destination)}
            />
          </div>
        )}
      </Fetched>
    </>
  )
}
