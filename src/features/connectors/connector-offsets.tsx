'use client'
import { useQuery } from '@tanstack/react-query'
import type { ConnectorOffset } from '#domain/connect/connector.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'

const MAX_SHOWN = 50

/** Where a connector stands, as it keeps it itself. */
export function ConnectorOffsets(place: {
  readonly clusterId: string
  readonly connect: string
  readonly connector: string
}) {
  const trpc = useTRPC()
  const offsets = useQuery({ ...trpc.connector.offsets.queryOptions(place), refetchInterval: 10_000, retry: false })
  return (
    <section>
      <h3 className="mb-2 font-semibold">Positions</h3>
      <Fetched query={offsets} skeleton={<SkeletonRows count={2} label="positions" />}>
        {({ offsets: all, leftOutCount }) =>
          all.length === 0 ? (
            <p className="text-ink-2">It has none yet.</p>
          ) : (
            <ul className="flex flex-col gap-1 text-sm" aria-label="Positions">
              {inOrder(all).map(({ name, offset }) => (
                <li key={name} className="flex flex-wrap justify-between gap-x-4">
                  <span className="wrap-anywhere-safe">{name}</span>
                  <span className="font-mono">{printOffset(offset)}</span>
                </li>
              ))}
              {all.length + leftOutCount > MAX_SHOWN && (
                <li className="text-ink-3">and {all.length + leftOutCount - MAX_SHOWN} more</li>
              )}
            </ul>
          )
        }
      </Fetched>
    </section>
  )
}

const inOrder = (all: readonly ConnectorOffset[]) =>
  all
    .map(({ partition, offset }) => ({ name: printPartition(partition), offset }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .slice(0, MAX_SHOWN)

/** Sinks say `kafka_topic` and `kafka_partition`, sources whatever they like. */
function printPartition(partition: ConnectorOffset['partition']): string {
  const { kafka_topic: topic, kafka_partition: lane } = partition
  return typeof topic === 'string' ? `${topic}, lane ${String(lane)}` : JSON.stringify(partition)
}

function printOffset(offset: ConnectorOffset['offset']): string {
  if (offset === null) return 'none'
  const { kafka_offset: position } = offset
  return typeof position === 'number' ? position.toLocaleString('en') : JSON.stringify(offset)
}
