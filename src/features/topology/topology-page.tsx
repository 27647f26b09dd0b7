'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { filterByPath } from '#domain/topology/filter-by-path.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import { PageHead } from '#ui/page-head.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { useHotkeys } from '#ui/use-hotkeys.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { TopologyMap } from '#features/topology/topology-map.tsx'
import { NodePanel } from '#features/topology/node-panel.tsx'
import { nodeState } from '#features/topology/node-words.ts'
import { TimeSlider } from '#features/topology/time-slider.tsx'
import { topologyColumns } from '#features/topology/topology-columns.tsx'
import type { TopologyAnswer, TopologyGraph } from '#features/topology/topology-graph.ts'
import { TOPOLOGY_WINDOW_MS, TOPOLOGY_WINDOWS, useTopologyView } from '#features/topology/use-topology-view.ts'

const FRAME = 'h-[min(54dvh,520px)] min-h-80'
const VIEWS = [
  { id: 'map', label: 'Map' },
  { id: 'table', label: 'Table' },
] as const
const WINDOWS = TOPOLOGY_WINDOWS.map((id) => ({ id, label: id.replace('m', ' min').replace('h', ' h') }))

/** Who sends where and who consumes what, with how it goes there. */
export function TopologyPage() {
  const trpc = useTRPC()
  const [view, setView] = useTopologyView()
  const windowMs = TOPOLOGY_WINDOW_MS[view.window]
  const topology = useQuery({
    ...trpc.topology.get.queryOptions({ windowMs, endMs: view.at }),
    refetchInterval: view.at === null ? 5000 : false,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  })
  const whole = topology.data
  const shown = useMemo(
    () => (whole === undefined || view.path === null ? whole : { ...whole, ...filterByPath(whole, view.path) }),
    [whole, view.path],
  )
  // The layout needs a worker of a megabyte: it is fetched while the first answer is on its way.
  useEffect(() => void import('#ui/graph/layout-graph.ts'), [])
  const openNode = whole?.nodes.find((node) => node.id === view.node) ?? null
  const close = () => void setView({ node: null })
  useHotkeys({ Escape: () => (view.node === null ? false : close()) }, view.as === 'map')
  return (
    <>
      <PageHead title="Topology" sentence={whole === undefined ? '\u00a0' : sayWhat(whole, shown ?? whole)} />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterChips
          label="Shown as"
          chips={VIEWS}
          value={view.as}
          onChange={(id) => void setView({ as: VIEWS.find((one) => one.id === id)?.id ?? null })}
        />
        <FilterChips
          label="Length of the window"
          chips={WINDOWS}
          value={view.window}
          onChange={(id) => void setView({ window: TOPOLOGY_WINDOWS.find((one) => one === id) ?? null })}
        />
        {view.path !== null && (
          <Button
            onClick={() => void setView({ path: null })}
            aria-label="Show everything again"
            icon={<X size={12} aria-hidden="true" />}
          >
            Path: {whole?.nodes.find((node) => node.id === view.path)?.name ?? view.path}
          </Button>
        )}
      </div>
      <Card isFlush>
        <Fetched
          query={topology}
          skeleton={
            <div className={`${FRAME} p-6`}>
              <Skeleton className="h-full" />
            </div>
          }
        >
          {() =>
            shown === undefined || shown.nodes.length === 0 ? (
              <NoTopology isPast={view.at !== null} />
            ) : (
              <Shown
                answer={shown}
                as={view.as}
                openId={view.node}
                onOpen={(id) => void setView({ node: id })}
                onClose={close}
              />
            )
          }
        </Fetched>
      </Card>
      <TimeSlider
        atMs={view.at}
        windowMs={windowMs}
        reach={view.reach}
        onChange={(at) => void setView({ at })}
        onReach={(reach) => void setView({ reach })}
      />
      {openNode !== null && whole !== undefined && (
        <NodePanel
          node={openNode}
          graph={whole}
          isPresent={whole.isPresent}
          nowMs={whole.nowMs}
          window={{ windowMs, endMs: view.at }}
          onPath={(id) => void setView({ path: id })}
          onClose={close}
        />
      )}
    </>
  )
}

interface ShownProps {
  readonly answer: TopologyAnswer
  readonly as: 'map' | 'table'
  readonly openId: string | null
  readonly onOpen: (id: string) => void
  readonly onClose: () => void
}

function Shown({ answer, as, openId, onOpen, onClose }: ShownProps) {
  const columns = useMemo(() => topologyColumns(answer.isPresent), [answer.isPresent])
  if (as === 'table') {
    return (
      <ListTable
        label="Services and destinations"
        columns={columns}
        rows={answer.nodes}
        rowId={(node) => node.id}
        openId={openId}
        onOpen={(node) => onOpen(node.id)}
        onClose={onClose}
        hasPageKeys
      />
    )
  }
  return (
    <TopologyMap
      graph={answer}
      className={FRAME}
      openId={openId}
      isPresent={answer.isPresent}
      nowMs={answer.nowMs}
      onOpen={onOpen}
    />
  )
}

function sayWhat(whole: TopologyAnswer, shown: TopologyGraph): string {
  const services = shown.nodes.filter((node) => node.kind === 'service' || node.kind === 'group').length
  const troubled = shown.nodes.filter((node) => nodeState(node, whole.isPresent) !== null).length
  return [
    `${formatPlural(services, 'service')} and ${formatPlural(shown.nodes.length - services, 'destination')}`,
    shown.nodes.length < whole.nodes.length ? ` of ${formatPlural(whole.nodes.length, 'node')}` : '',
    troubled === 0 ? ', all in order' : `, ${troubled} of them in trouble`,
    whole.omittedNodeCount > 0 ? `; ${formatPlural(whole.omittedNodeCount, 'quiet node')} left out` : '',
    whole.bucketMs > whole.toMs - whole.fromMs
      ? `; rates of that time are means over ${formatDuration(whole.bucketMs)}`
      : '',
    whole.isPresent ? '.' : '; lag and dead letters are shown for the present only.',
  ].join('')
}

function NoTopology({ isPast }: { readonly isPast: boolean }) {
  return isPast ? (
    <EmptyState title="Nothing is known of that time">
      Rates come from spans that arrived then. Move the slider to a time with bars.
    </EmptyState>
  ) : (
    <EmptyState title="Nothing to draw yet">
      Services appear as soon as they send spans to the collector, destinations and groups as soon as a broker is
      connected.
    </EmptyState>
  )
}
