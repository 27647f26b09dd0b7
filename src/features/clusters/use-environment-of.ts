'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'

/** The environment of a cluster; null while it is not known. */
export function useEnvironmentOf(clusterId: string): string | null {
  const trpc = useTRPC()
  const { data } = useQuery({ ...trpc.cluster.list.queryOptions(), staleTime: 10_000 })
  return data?.clusters.find((cluster) => cluster.id === clusterId)?.environment ?? null
}
