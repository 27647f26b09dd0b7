'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Note } from '#ui/note.tsx'
import { RedriveForm, type RedriveWish } from '#features/dead-letters/redrive-form.tsx'
import { readinessOf, type FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { ChosenLetter } from '#features/dead-letters/chosen-letter.tsx'
import { actTitle, selectionOf } from '#features/dead-letters/chosen-letters.ts'
import { PreparePanel } from '#features/operations/prepare-panel.tsx'
import { useRequestKey } from '#features/operations/use-request-key.ts'
import { operationPath } from '#features/operations/operation-path.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useNow } from '#ui/use-now.ts'

interface RedrivePanelProps {
  readonly group: FailureGroup
  /** The one message of the group that is meant; null = all of them. */
  readonly onlyId: number | null
  /** The group is what a search has found: all of that is meant, also beyond what is listed. */
  readonly filter?: LetterFilter
  readonly onClose: () => void
}

/** Wish, dry run, consequences, start: nothing is sent before the last step. */
export function RedrivePanel({ group, onlyId, filter, onClose }: RedrivePanelProps) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const nowMs = useNow()
  const keyOf = useRequestKey()
  const [operationId, setOperationId] = useState<string | null>(null)
  const plan = useMutation(
    trpc.operation.planRedrive.mutationOptions({ onSuccess: (answer) => setOperationId(answer.operationId) }),
  )
  const ask = (wish: RedriveWish) => {
    const { target, ...rest } = wish
    plan.mutate({
      ...rest,
      requestKey: keyOf(wish),
      selection: selectionOf(group, onlyId, filter),
      ...(target === null ? {} : { target }),
    })
  }
  const started = (id: string) => {
    void queryClient.invalidateQueries({ queryKey: trpc.deadLetter.pathKey() })
    router.push(operationPath(id))
  }
  const readiness = readinessOf(group, nowMs)
  return (
    <PreparePanel
      title={actTitle('Redrive', group, onlyId, filter)}
      subtitle={group.title}
      operationId={operationId}
      onClose={onClose}
      onStarted={started}
      onAgain={() => setOperationId(null)}
    >
      {onlyId !== null && <ChosenLetter id={onlyId} />}
      <Note tone={readiness.tone === 'bad' || readiness.tone === 'warn' ? 'warn' : 'unknown'} title={readiness.word}>
        {readiness.reason}
      </Note>
      <RedriveForm group={group} isBusy={plan.isPending} onPlan={ask} />
      {plan.error !== null && <FailureNote error={plan.error} />}
    </PreparePanel>
  )
}
