import { FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import type { Tone } from '#ui/tone.ts'

export type FailureGroup = RouterOutputs['deadLetter']['groups']['groups'][number]

/** A fact that speaks for or against sending a group again now. */
export interface Readiness {
  readonly tone: Tone
  readonly word: string
  readonly reason: string
}

/** Deaths younger than this mean that the cause is most likely still at work. */
const FRESH_MS = 120_000

const isFinal = (state: OperationState): boolean => (FINAL_STATES as readonly OperationState[]).includes(state)

/**
 * What is known about sending the group again, without asking the broker; the dry run asks it. The clock decides
 * first: as long as new ones die of the same thing, the copies will too.
 */
export function readinessOf(group: FailureGroup, nowMs: number): Readiness {
  const { latestOperation } = group
  if (latestOperation !== null && !isFinal(latestOperation.state) && latestOperation.state !== 'planned') {
    return {
      tone: 'active',
      word: `op-${latestOperation.number} at work`,
      reason: 'An operation is taking from this group.',
    }
  }
  if (nowMs - group.lastAtMs < FRESH_MS) {
    return {
      tone: 'bad',
      word: 'Still dying',
      reason: 'The last one died less than two minutes ago: the cause is still there.',
    }
  }
  if (group.origins.length === 0) {
    return {
      tone: 'warn',
      word: 'Origin unknown',
      reason: 'The headers do not say where these came from; choose a target.',
    }
  }
  return { tone: 'ok', word: 'Quiet', reason: 'Nothing has died of this for two minutes. The dry run checks the rest.' }
}
