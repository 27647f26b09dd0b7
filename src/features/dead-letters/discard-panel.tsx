'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { ChosenLetter } from '#features/dead-letters/chosen-letter.tsx'
import { actTitle, selectionOf } from '#features/dead-letters/chosen-letters.ts'
import { PlaceChoice } from '#features/dead-letters/place-choice.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { isReason, PlanButton, ReasonField } from '#features/operations/plan-fields.tsx'
import { PreparePanel } from '#features/operations/prepare-panel.tsx'
import { useRequestKey } from '#features/operations/use-request-key.ts'

interface DiscardPanelProps {
  readonly group: FailureGroup
  /** The one message of the group that is meant; null = all of them. */
  readonly onlyId: number | null
  /** The group is what a search has found: all of that is meant, also beyond what is listed. */
  readonly filter?: LetterFilter
  readonly onClose: () => void
}

/** Takes dead letters out of the inbox that nobody needs to be processed; each is kept and can be restored. */
export function DiscardPanel({ group, onlyId, filter, onClose }: DiscardPanelProps) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const keyOf = useRequestKey()
  const [placeIndex, setPlaceIndex] = useState(0)
  const [reason, setReason] = useState('')
  const [operationId, setOperationId] = useState<string | null>(null)
  const plan = useMutation(
    trpc.operation.planDiscard.mutationOptions({ onSuccess: (answer) => setOperationId(answer.operationId) }),
  )
  const place = group.places[placeIndex] ?? group.places[0]
  const isComplete = place !== undefined && isReason(reason)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    const wish = {
      clusterId: place.clusterId,
      source: place.destination,
      reason: reason.trim(),
      selection: selectionOf(group, onlyId, filter),
    }
    plan.mutate({ ...wish, requestKey: keyOf(wish) })
  }
  return (
    <PreparePanel
      title={actTitle('Discard', group, onlyId, filter)}
      subtitle={group.title}
      operationId={operationId}
      onClose={onClose}
      onStarted={(id) => {
        void queryClient.invalidateQueries({ queryKey: trpc.deadLetter.pathKey() })
        router.push(operationPath(id))
      }}
      onAgain={() => setOperationId(null)}
    >
      {onlyId !== null && <ChosenLetter id={onlyId} />}
      <p className="text-ink-2">
        For what nobody needs to be processed any more. Every message is kept here whole and can be restored; the plan
        says what happens to it where it lies.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-2.5">
        <PlaceChoice places={group.places} chosen={placeIndex} onChoose={setPlaceIndex} />
        <ReasonField reason={reason} placeholder="Why nobody needs these" onReason={setReason} />
        <PlanButton isBusy={plan.isPending} isComplete={isComplete} note="Planning discards nothing." />
      </form>
      {plan.error !== null && <FailureNote error={plan.error} />}
    </PreparePanel>
  )
}
