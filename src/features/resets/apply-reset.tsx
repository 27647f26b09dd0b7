'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isProduction } from '#domain/access/is-production.ts'
import { sumResetPlan } from '#domain/reset/reset-plan.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { wordsToType } from '#ui/confirm/needs-typing.ts'
import { TypingGate } from '#ui/confirm/typing-gate.tsx'
import { TextAreaField } from '#ui/field.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { useEnvironmentOf } from '#features/clusters/use-environment-of.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'

export type PlannedReset = RouterOutputs['reset']['plan']

interface ApplyResetProps {
  readonly clusterId: string
  readonly planned: PlannedReset
  readonly onAsked: (id: string) => void
}

/** Why, and the button that lets the shown plan go: that plan and no other. */
export function ApplyReset({ clusterId, planned: { id, planHash, plan }, onAsked }: ApplyResetProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const environment = useEnvironmentOf(clusterId)
  const [reason, setReason] = useState('')
  const onSuccess = async () => {
    onAsked(id)
    await queryClient.invalidateQueries({ queryKey: trpc.reset.list.pathKey() })
  }
  const apply = useMutation(trpc.reset.start.mutationOptions({ onSuccess }))
  const undo = useMutation(trpc.reset.undo.mutationOptions({ onSuccess }))
  const isUndo = plan.target.kind === 'undo'
  const { changedLanes, skipped, repeated, movedOn } = sumResetPlan(plan.lanes)
  const isPossible = changedLanes > 0 && plan.activity.isInactive && plan.activity.refusedBecause === null
  const words = wordsToType(skipped + repeated, environment === null || isProduction(environment))
  const consequence = isUndo
    ? `This puts ${formatPlural(changedLanes, 'lane')} back.`
    : `This makes the group skip ${skipped.toLocaleString('en')} messages and take ${repeated.toLocaleString('en')} again.`
  const asked = { planId: id, planHash, reason: reason.trim() }
  const act = () => (isUndo ? undo.mutate({ ...asked, acceptsMovedOn: movedOn > 0 }) : apply.mutate(asked))
  const error = apply.error ?? undo.error
  return (
    <div className="flex flex-col gap-3">
      <TextAreaField
        label="Reason"
        value={reason}
        hint="Stays on the record, beside your name."
        onChange={(event) => setReason(event.target.value)}
      />
      {error !== null && <FailureNote error={error} />}
      <TypingGate words={isPossible ? words : null} consequence={consequence}>
        {(isOpen) => (
          <Button
            kind="primary"
            className="self-start"
            disabled={!isPossible || !isOpen || reason.trim() === ''}
            isBusy={apply.isPending || undo.isPending}
            onClick={act}
          >
            {isUndo
              ? movedOn > 0
                ? 'Put it back all the same'
                : 'Put it back'
              : `Reset ${formatPlural(changedLanes, 'lane')}`}
          </Button>
        )}
      </TypingGate>
    </div>
  )
}
