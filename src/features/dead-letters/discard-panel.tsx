'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState, type FormEvent } from 'react'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextAreaField } from '#ui/field.tsx'
import { newRequestKey } from '#features/dead-letters/new-request-key.ts'
import { actTitle, selectionOf } from '#features/dead-letters/chosen-letters.ts'
import { PlaceChoice } from '#features/dead-letters/place-choice.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { PreparePanel } from '#features/operations/prepare-panel.tsx'

interface DiscardPanelProps {
  readonly group: FailureGroup
  /** The one message of the group that is meant; null = all of them. */
  readonly onlyId: number | null
  /** The group is what a search has found: all of that is meant, also beyond what is listed. */
  readonly filter?: LetterFilter
  readonly onClose: () => void
}

const LEAST_REASON = 3

/** Takes dead letters out of the inbox that nobody needs to be processed; each is kept and can be restored. */
export function DiscardPanel({ group, onlyId, filter, onClose }: DiscardPanelProps) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  /** One key per wish, so that a double press is one operation; a changed wish gets another. */
  const asked = useRef<{ readonly wish: string; readonly key: string } | null>(null)
  const [placeIndex, setPlaceIndex] = useState(0)
  const [reason, setReason] = useState('')
  const [operationId, setOperationId] = useState<string | null>(null)
  const plan = useMutation(
    trpc.operation.planDiscard.mutationOptions({ onSuccess: (answer) => setOperationId(answer.operationId) }),
  )
  const place = group.places[placeIndex] ?? group.places[0]
  const isComplete = place !== undefined && reason.trim().length >= LEAST_REASON
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    const wish = {
      clusterId: place.clusterId,
      source: place.destination,
      reason: reason.trim(),
      selection: selectionOf(group, onlyId, filter),
    }
    const text = JSON.stringify(wish)
    if (asked.current?.wish !== text) asked.current = { wish: text, key: newRequestKey() }
    plan.mutate({ ...wish, requestKey: asked.current.key })
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
      <p className="text-ink-2">
        For what nobody needs to be processed any more. Every message is kept here whole and can be restored; the plan
        says what happens to it where it lies.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-2.5">
        <PlaceChoice places={group.places} chosen={placeIndex} onChoose={setPlaceIndex} />
        <TextAreaField
          label="Reason"
          value={reason}
          placeholder="Why nobody needs these"
          hint="Stays on the record, beside your name."
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="flex items-center gap-3">
          <Button type="submit" kind="primary" isBusy={plan.isPending} disabled={!isComplete}>
            {plan.isPending ? 'Planning…' : 'Plan it'}
          </Button>
          <span className="text-sm text-ink-3">Planning discards nothing.</span>
        </div>
      </form>
      {plan.error !== null && <FailureNote error={plan.error} />}
    </PreparePanel>
  )
}
