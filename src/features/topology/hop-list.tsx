'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural, formatRate, formatShare } from '#ui/format/number.ts'
import type { MapNode } from '#features/topology/topology-graph.ts'

export interface HopWindow {
  readonly windowMs: number
  /** null = now. */
  readonly endMs: number | null
}

const SHOWN = 20

/** Who produced what is consumed here, or who consumes what is produced here, with how it goes on each such way. */
export function HopList({ node, window }: { readonly node: MapNode; readonly window: HopWindow }) {
  const trpc = useTRPC()
  const kind = node.kind === 'service' ? 'service' : 'destination'
  const hops = useQuery({
    ...trpc.topology.hops.queryOptions({ ...window, kind, name: node.name }),
    enabled: node.kind !== 'group',
    refetchInterval: window.endMs === null ? 10_000 : false,
    placeholderData: keepPreviousData,
  })
  if (hops.data === undefined || hops.data.length === 0) return null
  return (
    <>
      <h3 className="mt-4 mb-1.5 font-semibold">From producer to consumer</h3>
      <ul className="divide-y divide-line-soft border-y border-line-soft">
        {hops.data.slice(0, SHOWN).map((hop) => (
          <li
            key={JSON.stringify([hop.fromService, hop.destination, hop.service, hop.consumerGroup])}
            className="flex flex-wrap items-baseline gap-x-3 py-1.5"
          >
            <span className="min-w-0 wrap-anywhere">
              {hop.fromService ?? <span className="text-ink-3">not known</span>}
              {kind === 'service' && <span className="text-ink-3"> → {hop.destination}</span>}
              <span className="text-ink-3"> → </span>
              {hop.service}
              {hop.consumerGroup !== null && hop.consumerGroup !== hop.service && (
                <span className="text-ink-3"> as {hop.consumerGroup}</span>
              )}
            </span>
            <span className="ml-auto text-ink-2">
              {formatRate(hop.perSecond)}
              {hop.dwellP95Ms !== null && `, waits ${formatDuration(hop.dwellP95Ms)} p95`}
              {hop.errorShare !== null && hop.errorShare > 0 && (
                <span className="text-bad">, {formatShare(hop.errorShare)} errors</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {hops.data.length > SHOWN && (
        <p className="mt-1 text-sm text-ink-3">and {formatPlural(hops.data.length - SHOWN, 'quieter way')}</p>
      )}
    </>
  )
}
