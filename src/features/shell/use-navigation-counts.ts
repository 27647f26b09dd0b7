'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { formatPlural, formatShortCount } from '#ui/format/number.ts'
import type { NavigationCount } from '#features/shell/navigation-count.tsx'

/** What waits at each place, from the same answer that the overview shows. */
export function useNavigationCounts(): ReadonlyMap<string, NavigationCount> {
  const trpc = useTRPC()
  const { data } = useQuery({ ...trpc.overview.summary.queryOptions(), refetchInterval: 5000 })
  return useMemo(() => {
    const counts = new Map<string, NavigationCount>()
    if (data === undefined) return counts
    const troubled = data.attention.filter((item) => item.kind === 'consumer').length
    const dead = data.tiles.deadLettersOpen.value
    const active = data.tiles.operationsActive.value
    if (troubled > 0) {
      const label = `${formatPlural(troubled, 'consumer')} in trouble`
      counts.set('/consumers', { text: String(troubled), tone: 'warn', label })
    }
    if (dead > 0) {
      counts.set('/dead-letters', { text: formatShortCount(dead), tone: 'bad', label: `${dead} open dead letters` })
    }
    if (active > 0) {
      const label = `${formatPlural(active, 'operation')} under way`
      counts.set('/operations', { text: String(active), tone: 'active', label })
    }
    return counts
  }, [data])
}
