/** Four roles, each including the ones before it. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** What one may be allowed to do. One entry per kind of effect, never per screen. */
export const PERMISSIONS = [
  'telemetry:read',
  'payload:read',
  /** Payloads leave as a file, unmasked. */
  'payload:export',
  /** Messages of a file are sent to a destination. */
  'payload:import',
  'operation:plan',
  'operation:run',
  'operation:approve',
  'consumer:control',
  'cluster:manage',
  'setting:manage',
  'person:manage',
  'audit:read',
  'self:manage',
] as const
export type Permission = (typeof PERMISSIONS)[number]

const LEAST_ROLE: Record<Permission, Role> = {
  'telemetry:read': 'viewer',
  'self:manage': 'viewer',
  'payload:read': 'operator',
  'operation:plan': 'operator',
  'operation:run': 'operator',
  'consumer:control': 'operator',
  'operation:approve': 'approver',
  'payload:export': 'approver',
  'payload:import': 'approver',
  'audit:read': 'approver',
  'cluster:manage': 'admin',
  'setting:manage': 'admin',
  'person:manage': 'admin',
}

/** Deny by default: true only when the role is at least the permission's least role. */
export function isAllowed(role: Role, permission: Permission): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LEAST_ROLE[permission])
}

/** Who asks. `system` is the collector acting on its own duty (lease, timer), never on a person's wish. */
export type Actor =
  | { readonly kind: 'person'; readonly id: string; readonly name: string; readonly role: Role }
  | { readonly kind: 'system'; readonly id: string; readonly name: string }

/** A system actor may do what its duty is: everything but managing people. */
export function isActorAllowed(actor: Actor, permission: Permission): boolean {
  return actor.kind === 'system' ? permission !== 'person:manage' : isAllowed(actor.role, permission)
}
