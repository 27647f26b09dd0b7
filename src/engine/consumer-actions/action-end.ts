import type { Broker } from '#brokers/broker.ts'
import type { ActionEnd, ConsumerActionRow } from '#db/store/consumer-action-store.ts'

/** `try-again`: nothing was done, and it may go a moment later. */
export type ActionResult = ActionEnd | 'try-again'

export interface ActionAttempt {
  readonly broker: Broker
  readonly row: ConsumerActionRow
  /** Ends before the claim does. */
  readonly signal: AbortSignal
  /** Keeps what was there before; to be called before anything is done. */
  readonly noteBefore: (before: Readonly<Record<string, unknown>>) => Promise<void>
}

export const refused = (outcome: string): ActionEnd => ({ state: 'refused', outcome })
