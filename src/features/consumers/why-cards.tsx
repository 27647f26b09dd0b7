'use client'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { lagWords } from '#features/consumers/lag-words.ts'
import { VerdictProof } from '#features/consumers/verdict-proof.tsx'

/** Of a group that reads many destinations the worst are proven. */
const MAX_PROVEN = 4

/** Why the verdict on each destination is what it is: the readings themselves. */
export function WhyCards({ consumer }: { readonly consumer: ConsumerDetail }) {
  const isNamed = consumer.destinations.length > 1
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {consumer.destinations.slice(0, MAX_PROVEN).map((row) => {
        const proof = consumer.proofs.find((one) => one.destination === row.destination)?.proof ?? []
        const title = `Why it says ${lagWords(row.state).word}`
        return (
          <Card
            key={row.destination}
            title={title}
            note={isNamed ? row.destination : 'of the lane that decides'}
            isFlush
          >
            {proof.length === 0 ? (
              <EmptyState title="Nothing could be read">{row.sentence}</EmptyState>
            ) : (
              <VerdictProof proof={proof} label={`${title}${isNamed ? ` on ${row.destination}` : ''}`} />
            )}
          </Card>
        )
      })}
    </div>
  )
}
