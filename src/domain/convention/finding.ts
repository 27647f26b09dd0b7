import type { ServiceSample, MessagingSpan } from '#domain/convention/observed-span.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

export type FindingKind =
  | 'old-names'
  | 'system-missing'
  | 'group-missing'
  | 'conversation-missing'
  | 'conversation-per-hop'
  | 'identity-missing'
  | 'links-dropped'
  | 'attributes-dropped'
  | 'context-lost'
  | 'broken-in-consumer'
  | 'batch-as-one'
  | 'batch-durations'
  | 'fetch-only'
  | 'work-after-end'
  | 'destination-differs'
  | 'phantom-attempts'
  | 'clock-skew'

/** `bad`: flows break or verdicts are lost. `warn`: figures mislead or need another witness. `note`: nothing is lost. */
export type FindingSeverity = 'bad' | 'warn' | 'note'

/** What one check saw; null when all is in order. */
export interface Observation {
  readonly kind: FindingKind
  readonly severity: FindingSeverity
  /** The spans that show it, newest first is not required. */
  readonly affected: readonly SpanRecord[]
  /** Of how many spans that could have shown it. */
  readonly judgedCount: number
  /** One sentence: what is so. */
  readonly what: string
  /** One sentence: what Throughline cannot say because of it. */
  readonly cost: string
}

export type Check = (sample: ServiceSample) => Observation | null

export const spansOf = (observed: readonly MessagingSpan[]): readonly SpanRecord[] => observed.map(({ span }) => span)

/** How many messages a span stands for, as far as it says. */
export const messageCountOf = ({ span, facts }: MessagingSpan): number =>
  Math.max(1, facts.batchCount ?? 0, span.links.length + span.droppedLinkCount)
