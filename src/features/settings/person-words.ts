import type { Role } from '#domain/access/role.ts'
import type { Tone } from '#ui/tone.ts'

/** Whether somebody can sign in, as a mark. */
export function personState(person: { readonly disabledAtMs: number | null; readonly mustChangePassword: boolean }): {
  readonly word: string
  readonly tone: Tone
} {
  if (person.disabledAtMs !== null) return { word: 'Deactivated', tone: 'unknown' }
  return person.mustChangePassword ? { word: 'Invited', tone: 'active' } : { word: 'Active', tone: 'ok' }
}

/** What each role may do; each includes those before it. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'sees flows, consumers, dead letters and operations, without the payloads of messages',
  operator: 'also sees payloads, redrives, and says how long groups may take',
  approver: 'also approves what others planned, and reads the audit log',
  admin: 'also manages settings, clusters and people',
}
