/**
 * How a group is kept from taking messages: the broker does it, its consumers do it because they are asked to, Kafka
 * Connect does it, or the broker only slows them down.
 */
export const PAUSE_KINDS = ['native', 'cooperative', 'connect', 'throttle'] as const
export type PauseKind = (typeof PAUSE_KINDS)[number]

/** What is seen of a pause against what was asked. */
export const PAUSE_STANDINGS = ['asked', 'in-force', 'not-obeyed', 'resuming', 'overdue', 'ended'] as const
export type PauseStanding = (typeof PAUSE_STANDINGS)[number]

/** Nobody pauses longer than this at once; who needs more extends it, and so is there. */
export const MAX_PAUSE_MS = 86_400_000
export const MIN_PAUSE_MS = 10_000

/** A pause as it was asked for, and what the collector has seen of it. Times in ms since the epoch. */
export interface PauseLease {
  readonly id: string
  readonly kind: PauseKind
  readonly reason: string
  readonly askedByName: string
  readonly askedAtMs: number
  readonly expiresAtMs: number
  /** When the broker itself was changed; null before that, and where only consumers are asked. */
  readonly heldAtMs: number | null
  /** Why the broker could not be changed, or changed back. */
  readonly problem: string | null
  readonly releaseAskedAtMs: number | null
  readonly endedAtMs: number | null
  readonly positionMovedAtMs: number | null
  readonly positionReadAtMs: number | null
}

/** What one consumer on the control channel last said of itself. */
export interface PauseMember {
  readonly state: 'running' | 'pausing' | 'paused'
  readonly leaseId: string | null
  /** null: it does not count. */
  readonly inFlight: number | null
  readonly stateSinceMs: number
  readonly reportedAtMs: number
}
