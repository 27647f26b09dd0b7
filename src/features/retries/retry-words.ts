import type { RouterOutputs } from '#trpc/router-types.ts'
import type { Tone } from '#ui/tone.ts'

export type Retries = RouterOutputs['retry']['list']
export type TakerAttempts = Retries['takers'][number]
export type RepeatedRow = Retries['repeated'][number]

/** From here on retries are a load of their own. */
const STORM = 2
const RAISED = 1.2

export function amplificationTone({ amplification }: TakerAttempts): Tone {
  if (amplification >= STORM) return 'bad'
  return amplification >= RAISED ? 'warn' : 'ok'
}

const FACTOR = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** `1.40×` */
export const formatFactor = (factor: number): string => `${FACTOR.format(factor)}×`

/** What it means that a message was worked on again. */
export function repeatWords({ kind, effectiveRunCount }: RepeatedRow): { readonly tone: Tone; readonly word: string } {
  if (kind === 'retried') return { tone: 'warn', word: 'Retried' }
  return effectiveRunCount > 1 ? { tone: 'bad', word: 'Took effect twice' } : { tone: 'warn', word: 'Ran again' }
}

/** What a run did, as far as spans tell. */
export function effectWords({ sentCount, callCount }: RepeatedRow['runs'][number]): string {
  if (sentCount + callCount === 0) return 'no effect seen'
  const parts = [sentCount > 0 ? `sent ${sentCount}` : '', callCount > 0 ? `called ${callCount}` : '']
  return parts.filter((part) => part !== '').join(', ')
}
