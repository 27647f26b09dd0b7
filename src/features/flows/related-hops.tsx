'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatCount } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { evidenceWords, hopWords } from '#features/flows/flow-words.ts'

type RowDetail = RouterOutputs['flow']['row']

interface RelatedHopsProps {
  readonly detail: RowDetail
  readonly onOpen: (rowId: string) => void
}

/** Who produced what this span received, and who consumed what it sent. */
export function RelatedHops({ detail: { received, sent, omittedCount }, onOpen }: RelatedHopsProps) {
  if (received.length === 0 && sent.length === 0) return null
  return (
    <section aria-label="Related">
      <h3 className="mb-1.5 font-semibold">Related</h3>
      <ul className="flex flex-col gap-1">
        {received.map((related) => (
          <Related key={related.hop.id} word="produced by" related={related} other="sender" onOpen={onOpen} />
        ))}
        {sent.map((related) => (
          <Related key={related.hop.id} word="consumed by" related={related} other="receiver" onOpen={onOpen} />
        ))}
        {omittedCount > 0 && <li className="text-ink-3">and {formatCount(omittedCount)} more; the Hops tab has all</li>}
      </ul>
    </section>
  )
}

interface RelatedProps {
  readonly word: string
  readonly related: RowDetail['received'][number]
  readonly other: 'sender' | 'receiver'
  readonly onOpen: (rowId: string) => void
}

function Related({ word, related: { hop, otherRowId }, other, onOpen }: RelatedProps) {
  const side = hop[other]
  return (
    <li className="flex flex-wrap items-center gap-x-1.5">
      <span className="text-ink-2">{word}</span>
      {side === null ? (
        <StateMark tone={hopWords(hop.outcome).tone} isQuiet>
          {other === 'receiver' ? 'nobody yet' : 'a sender that was not seen'}
        </StateMark>
      ) : otherRowId === null ? (
        side.service
      ) : (
        <button
          type="button"
          onClick={() => onOpen(otherRowId)}
          className="rounded-sm text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent"
        >
          {side.service}
        </button>
      )}
      <span className="text-ink-3 wrap-anywhere-safe">
        through {hop.destination}
        {hop.dwellUs !== null && `, ${formatDurationUs(hop.dwellUs)} in queue`}
        {` · ${evidenceWords(hop.joinedBy)}`}
      </span>
    </li>
  )
}
