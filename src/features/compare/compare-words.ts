import type { ComparisonSide } from '#domain/comparison/comparison-side.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatMoment } from '#ui/format/moment.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import type { Tone } from '#ui/tone.ts'

export type Comparison = RouterOutputs['comparison']['get']
export type ComparedStep = Comparison['steps'][number]
export type StepFigures = NonNullable<ComparedStep['left']>
export type SideFigures = Comparison['left']
export type CohortSize = Comparison['leftSize']

/** What the right side does otherwise. */
const DIFFERENCES: Readonly<
  Record<ComparedStep['differences'][number], { readonly tone: Tone; readonly word: string }>
> = {
  'only-left': { tone: 'warn', word: 'gone' },
  'only-right': { tone: 'active', word: 'new' },
  'more-deliveries': { tone: 'warn', word: 'more deliveries' },
  'fewer-deliveries': { tone: 'ok', word: 'fewer deliveries' },
  'more-failures': { tone: 'bad', word: 'more failures' },
  'fewer-failures': { tone: 'ok', word: 'fewer failures' },
  'longer-in-queue': { tone: 'warn', word: 'longer in queue' },
  'shorter-in-queue': { tone: 'ok', word: 'shorter in queue' },
  'longer-processing': { tone: 'warn', word: 'longer processing' },
  'shorter-processing': { tone: 'ok', word: 'shorter processing' },
}

export const differenceWords = (difference: ComparedStep['differences'][number]) => DIFFERENCES[difference]

/** How many flows of how many stand on a side. */
export function sizeWords(flowCount: number, { totalCount, isEstimate, lookedAtCount }: CohortSize): string {
  if (totalCount === null)
    return `${formatPlural(flowCount, 'flow')}, found among the ${formatCount(lookedAtCount)} recent ones that were looked at`
  if (totalCount <= flowCount && !isEstimate)
    return flowCount === 1 ? 'the only flow' : `all ${formatPlural(flowCount, 'flow')}`
  const about = isEstimate ? 'about ' : ''
  return `${formatCount(flowCount)} of ${about}${formatPlural(Math.round(totalCount), 'flow')}`
}

/** What a side is, in a few words. */
export function sideTitle(side: ComparisonSide, nowMs: number): string {
  switch (side.kind) {
    case 'flow':
      return side.flowKey
    case 'before':
      return `${side.flowKey} before its redrive`
    case 'after':
      return `${side.flowKey} after its redrive`
    case 'window':
      return `${formatMoment(side.fromMs, nowMs)} to ${formatMoment(side.toMs, nowMs)}`
    case 'version':
      return `${side.service} ${side.version}`
  }
}
