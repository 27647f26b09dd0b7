import { Activity, Gauge, Layers, ListChecks, MailX, type LucideIcon } from 'lucide-react'

export interface Place {
  readonly path: string
  readonly label: string
  readonly icon: LucideIcon
  /** Second key after `g`. */
  readonly key: string
}

/** The pages that exist, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { path: '/', label: 'Overview', icon: Gauge, key: 'o' },
  { path: '/flows', label: 'Flows', icon: Activity, key: 'f' },
  { path: '/consumers', label: 'Consumers', icon: Layers, key: 'c' },
  { path: '/dead-letters', label: 'Dead letters', icon: MailX, key: 'd' },
  { path: '/operations', label: 'Operations', icon: ListChecks, key: 'p' },
]

/** Whether the path belongs to the place: `/flows/x` does to `/flows`; only `/` does to `/`. */
export function isAt(place: Place, path: string): boolean {
  return place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`)
}
