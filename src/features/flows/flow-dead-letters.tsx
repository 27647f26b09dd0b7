'use client'
import type { FlowDeadLetter } from '#domain/flow/flow.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FlowDeadLetterFacts } from '#features/flows/flow-dead-letter.tsx'

/** The dead letters of one flow, each beside its remedy. */
export function FlowDeadLetters({ letters }: { readonly letters: readonly FlowDeadLetter[] }) {
  if (letters.length === 0) {
    return <EmptyState title="No dead letters">No consumer has given up on a message of this flow.</EmptyState>
  }
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {letters.map((letter) => (
        <Card key={letter.id}>
          <FlowDeadLetterFacts letter={letter} />
        </Card>
      ))}
    </div>
  )
}
