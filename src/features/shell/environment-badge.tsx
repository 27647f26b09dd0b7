'use client'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { classNames } from '#ui/class-names.ts'
import { CornerPopover } from '#ui/corner-popover.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { brokerName, clusterTone, clusterWord, type ClusterRow } from '#features/clusters/cluster-tone.ts'
import { environmentTone, rankEnvironments } from '#features/clusters/environment-tone.ts'

const LOOK = {
  bad: 'border-bad-line bg-bad-weak text-bad',
  warn: 'border-warn-line bg-warn-weak text-warn',
  unknown: 'border-line bg-panel text-ink-2',
} as const

/** Which environment one acts on; the most dangerous one gives the colour. Opens the list of clusters. */
export function EnvironmentBadge() {
  const trpc = useTRPC()
  const { data } = useQuery({ ...trpc.cluster.list.queryOptions(), refetchInterval: 10_000 })
  const [first, ...others] = rankEnvironments(data?.clusters.map((cluster) => cluster.environment) ?? [])
  if (data === undefined || first === undefined) return null
  return (
    <CornerPopover
      label="Clusters"
      place="top-[49px] right-3 w-[360px] max-w-[calc(100vw-24px)] sm:right-5"
      triggerClassName={classNames(
        'flex h-[34px] shrink-0 items-center gap-1.5 rounded-md border px-2.5 whitespace-nowrap',
        LOOK[environmentTone(first)],
      )}
      trigger={
        <>
          <span className="sr-only">Environment</span>
          <span className="max-w-28 truncate">{first}</span>
          {others.length > 0 && <span>+{others.length}</span>}
          <ChevronDown size={12} aria-hidden="true" />
        </>
      }
    >
      {() => (
        <>
          <h2 className="border-b border-line-soft px-3.5 py-2 font-semibold">Clusters</h2>
          <ul className="max-h-[60vh] divide-y divide-line-soft overflow-y-auto">
            {data.clusters.map((cluster) => (
              <ClusterItem key={cluster.id} cluster={cluster} />
            ))}
          </ul>
        </>
      )}
    </CornerPopover>
  )
}

function ClusterItem({ cluster }: { readonly cluster: ClusterRow }) {
  const lag = cluster.polls.find((poll) => poll.kind === 'lag')
  return (
    <li className="flex flex-col gap-0.5 px-3.5 py-2.5">
      <div className="flex items-center gap-2">
        <span className="truncate font-semibold">{cluster.name}</span>
        <span className="text-ink-3">
          {brokerName(cluster.kind)} · {cluster.environment}
        </span>
        <span className="ml-auto">
          <StateMark tone={clusterTone(cluster.status)}>{clusterWord(cluster.status)}</StateMark>
        </span>
      </div>
      {cluster.statusReason !== null && <div className="text-ink-2 wrap-anywhere-safe">{cluster.statusReason}</div>}
      <div className="text-sm text-ink-3">
        {cluster.destinationCount} destinations · {cluster.groupCount} groups
        {lag !== undefined && (
          <>
            {' · lag read '}
            <MomentText atMs={lag.asOfMs} as="distance" />
          </>
        )}
      </div>
    </li>
  )
}
