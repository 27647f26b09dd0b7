'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { useMay, usePerson } from '#features/session/person-context.ts'

type Operation = RouterOutputs['operation']['get']

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

/** Whether the plan still waits for a second person. */
export const isApprovalAwaited = ({ approval }: Pick<Operation, 'approval'>): boolean =>
  approval !== null && approval.need !== null && approval.hasApprover && approval.approval === null

/** What a plan of this size needs beside the one who asked, and the way to give it. */
export function ApprovalNote({ operation }: { readonly operation: Operation }) {
  const person = usePerson()
  const mayApprove = useMay('operation:approve')
  const state = operation.approval
  if (state === null || state.need === null) return null
  if (state.approval !== null) {
    return (
      <Note tone="ok" title={`Approved by ${state.approval.byName}`}>
        “{state.approval.reason}” · for plan {state.planHash.slice(0, 8)}… and no other ·{' '}
        <MomentText atMs={state.approval.atMs} />, holds for {formatPlural(state.validHours, 'hour')}
      </Note>
    )
  }
  if (!state.hasApprover) {
    return (
      <Note tone="warn" title="A second person should look at this">
        {state.need}. Nobody else here may approve, so nobody is waited for; the record says so.
      </Note>
    )
  }
  const isAsker = person?.id === operation.createdById
  return (
    <Note tone="warn" title="It waits for a second person">
      {state.problem !== null && <>{sentence(state.problem)} </>}
      {state.need}.{' '}
      {isAsker
        ? 'You asked for it, so somebody else with the approver role has to agree: send them the link.'
        : mayApprove
          ? `${operation.createdByName} asked for it. What you approve is this plan, with this hash.`
          : 'Somebody with the approver role has to agree.'}
      <div className="mt-2">
        {mayApprove && !isAsker ? (
          <Approve operationId={operation.id} planHash={state.planHash} />
        ) : (
          <CopyButton label="Copy the link" text={() => `${window.location.origin}${operationPath(operation.id)}`} />
        )}
      </div>
    </Note>
  )
}

function Approve({ operationId, planHash }: { readonly operationId: string; readonly planHash: string }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const approve = useMutation(
    trpc.operation.approve.mutationOptions({
      onSuccess: async () => {
        setOpen(false)
        await queryClient.invalidateQueries({ queryKey: trpc.operation.pathKey() })
      },
    }),
  )
  return (
    <>
      <Button
        size="small"
        onClick={() => {
          approve.reset()
          setOpen(true)
        }}
      >
        Approve…
      </Button>
      {isOpen && (
        <ReasonDialog
          title="Approve this plan"
          consequence="It may be started from then on. The approval holds for this plan only and stays on the record."
          act="Approve"
          kind="primary"
          isReasonNeeded
          isBusy={approve.isPending}
          problem={approve.error === null ? null : <FailureNote error={approve.error} />}
          onClose={() => setOpen(false)}
          onConfirm={(reason) => approve.mutate({ operationId, planHash, reason })}
        />
      )}
    </>
  )
}
