import {
  Activity,
  Gauge,
  Layers,
  ListChecks,
  MailX,
  ScrollText,
  Settings,
  Waypoints,
  type LucideIcon,
} from 'lucide-react'
import type { Permission } from '#domain/access/role.ts'

export interface Place {
  readonly path: string
  /** A page of it that stands elsewhere. */
  readonly alsoAt?: string
  readonly label: string
  readonly icon: LucideIcon
  /** Second key after `g`. */
  readonly key: string
  /** Without it the place is not shown. */
  readonly permission: Permission
  /** Too seldom needed for the bar of a phone, which has room for six: it is under More there. */
  readonly isMinor?: boolean
}

/** The pages that exist, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { path: '/', label: 'Overview', icon: Gauge, key: 'o', permission: 'telemetry:read' },
  { path: '/flows', alsoAt: '/compare', label: 'Flows', icon: Activity, key: 'f', permission: 'telemetry:read' },
  { path: '/topology', label: 'Topology', icon: Waypoints, key: 't', permission: 'telemetry:read', isMinor: true },
  { path: '/consumers', label: 'Consumers', icon: Layers, key: 'c', permission: 'telemetry:read' },
  { path: '/dead-letters', label: 'Dead letters', icon: MailX, key: 'd', permission: 'telemetry:read' },
  { path: '/operations', label: 'Operations', icon: ListChecks, key: 'p', permission: 'telemetry:read' },
  { path: '/audit', label: 'Audit log', icon: ScrollText, key: 'a', permission: 'audit:read', isMinor: true },
  { path: '/settings', label: 'Settings', icon: Settings, key: 's', permission: 'telemetry:read', isMinor: true },
]

/** Whether the path belongs to the place: `/flows/x` and `/compare` do to `/flows`; only `/` does to `/`. */
export function isAt(place: Place, path: string): boolean {
  if (path === place.alsoAt) return true
  return place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`)
}

/** What the person may see. Before it is known who is there: what everybody may. */
export function placesFor(permissions: readonly Permission[] | null): readonly Place[] {
  return PLACES.filter(({ permission }) =>
    permissions === null ? permission === 'telemetry:read' : permissions.includes(permission),
  )
}
