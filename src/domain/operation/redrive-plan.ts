import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import type { PlannedSchemas } from '#domain/operation/planned-schemas.ts'

/** Which dead letters of a place to send again; at least one part is given, and all given parts must match. */
export interface RedriveSelection {
  readonly fingerprint: string | null
  /** Ids of dead letters; null = not asked. */
  readonly ids: readonly number[] | null
  /** What was looked for in the inbox; the ids that it finds are frozen when the plan is made. Absent = not asked. */
  readonly filter?: LetterFilter
}

/** What the dry run found, frozen together with the manifest. Counts are messages. */
export interface RedrivePlan {
  readonly plannedAtMs: number
  readonly selectedCount: number
  readonly sendCount: number
  readonly skippedCount: number
  readonly quarantinedCount: number
  readonly targets: readonly PlannedTarget[]
  /** Why some are not sent, most frequent first. */
  readonly exclusions: readonly PlannedExclusion[]
  /** Of those that are sent: how many have been redriven once or more before. */
  readonly redrivenBeforeCount: number
  /** Distinct keys; messages of one key are sent in their old order. */
  readonly orderKeyCount: number
  readonly payloadBytes: number
  /** Payloads that the inbox shows only in part; like all others they are sent whole, read live at the source. */
  readonly cutPayloadCount: number
  /** At the cap, without the wait for the canary's outcomes. */
  readonly durationAtCapMs: number
  /** When the first of those that are sent is lost at its source; null = kept without limit or unknown. */
  readonly firstExpiryAtMs: number | null
  /** What "sent" will mean on this broker. */
  readonly confirmContract: string
  /** What the edit does, when there is one; plans made before edits existed have none. */
  readonly edit?: PlannedEdit | null
  /** null where nobody can tell; plans made before this was looked at have none. */
  readonly overtaken?: OvertakenKeys | null
  /** null where the cluster has no schema registry; plans made before there was one have none. */
  readonly schemas?: PlannedSchemas | null
  /** Whole sentences, most serious first. */
  readonly warnings: readonly string[]
}

/** Of those that are sent: how many the edit changes. Those that it does not fit are among the exclusions. */
export interface PlannedEdit {
  readonly changedCount: number
  readonly unchangedCount: number
}

/** Keys of which the group that failed has already taken newer messages: their copies arrive out of order. */
export interface OvertakenKeys {
  readonly overtakenCount: number
  /** Keys that were looked at. */
  readonly keyCount: number
  /** False when looking was cut short: there may be more. */
  readonly isComplete: boolean
}

export interface PlannedTarget {
  readonly destination: string
  readonly count: number
  /** The groups that failed on these messages, as their dead letters say. */
  readonly failedGroups: readonly PlannedReader[]
  /** The other known groups of the destination: they get every copy a second time. */
  readonly otherReaders: readonly PlannedReader[]
}

/** A group that reads the target, with its state when the plan was made; null = never polled. */
export interface PlannedReader {
  readonly group: string
  readonly state: string | null
  readonly sentence: string | null
  readonly lagMessages: number | null
  /** What the copies do to its lag, in words; plans made before this was told have none. */
  readonly lagEffect?: string
}

export interface PlannedExclusion {
  readonly reason: string
  readonly state: 'skipped' | 'quarantined'
  readonly count: number
}

/** The returns after which a message is never sent again without a person's single decision. */
export const MAX_REDRIVES = 2
