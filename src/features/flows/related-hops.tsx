'use client'
import type { Flow, Hop, SpanRef } from '#domain/flow/flow.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { hopWords } from '#features/flows/flow-words.ts'

interface RelatedHopsProps {
  readonly flow: Flow
  readonly span: SpanRef
  readonly onOpenSpan: (span: SpanRef) => void
}

const isSame = (one: SpanRef | null, other: SpanRef): boolean =>
  one !== null && one.spanId === other.spanId && one.traceId === other.traceId

/** Who produced what this span received, and who consumed what it sent. */
export function RelatedHops({ flow, span, onOpenSpan }: RelatedHopsProps) {
  const received = flow.hops.filter((hop) => isSame(hop.receiver, span))
  const sent = flow.hops.filter((hop) => isSame(hop.sender, span))
  if (received.length === 0 && sent.length === 0) return null
  return (
    <section aria-label="Related">
      <h3 className="mb-1.5 font-semibold">Related</h3>
      <ul className="flex flex-col gap-1">
        {received.map((hop) => (
          <Related key={hop.id} word="produced by" hop={hop} other={hop.sender} onOpenSpan={onOpenSpan} />
        ))}
        {sent.map((hop) => (
          <Related key={hop.id} word="consumed by" hop={hop} other={hop.receiver} onOpenSpan={onOpenSpan} />
        ))}
      </ul>
    </section>
  )
}

interface RelatedProps {
  readonly word: string
  readonly hop: Hop
  readonly other: SpanRef | null
  readonly onOpenSpan: (span: SpanRef) => void
}

function Related({ word, hop, other, onOpenSpan }: RelatedProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-1.5">
      <span className="text-ink-2">{word}</span>
      {other === null ? (
        <StateMark tone={hopWords(hop.outcome).tone} isQuiet>
          {hop.receiver === null ? 'nobody yet' : 'a sender that was not seen'}
        </StateMark>
      ) : (
        <button
          type="button"
          onClick={() => onOpenSpan(other)}
          className="rounded-sm text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent"
        >
          {other.service}
        </button>
      )}
      <span className="text-ink-3">
        through {hop.destination}
        {hop.dwellUs !== null && `, ${formatDurationUs(hop.dwellUs)} in queue`}
      </span>
    </li>
  )
}
