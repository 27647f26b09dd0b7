'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { ACTIVE_STATES, FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { formatCount } from '#ui/format/number.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { countsOf, type OperationDetail } from '#features/operations/operation-counts.ts'
import { useMay } from '#features/session/person-context.ts'

type Verb = 'pause' | 'resume' | 'cancel'

const isOneOf = (states: readonly OperationState[], state: OperationState): boolean => states.includes(state)

/** Pause, resume and cancel, each with what it means and a reason for the record. */
export function OperationActions({ operation }: { readonly operation: OperationDetail }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayRun = useMay('operation:run')
  const [verb, setVerb] = useState<Verb | null>(null)
  const options = {
    onSuccess: async () => {
      setVerb(null)
      await queryClient.invalidateQueries({ queryKey: trpc.operation.pathKey() })
    },
  }
  const pause = useMutation(trpc.operation.pause.mutationOptions(options))
  const resume = useMutation(trpc.operation.resume.mutationOptions(options))
  const cancel = useMutation(trpc.operation.cancel.mutationOptions(options))
  const mutation = verb === 'pause' ? pause : verb === 'resume' ? resume : cancel
  if (!mayRun || isOneOf(FINAL_STATES, operation.state)) return null
  const isActive = isOneOf(ACTIVE_STATES, operation.state)
  const isPaused = operation.state === 'paused' || operation.intent === 'pause'
  const open = (next: Verb) => () => {
    mutation.reset()
    setVerb(next)
  }
  return (
    <>
      {isActive && operation.intent !== 'cancel' && !isPaused && (
        <Button onClick={open('pause')} icon={<Pause size={13} aria-hidden="true" />}>
          Pause…
        </Button>
      )}
      {isActive && operation.intent !== 'cancel' && isPaused && (
        <Button kind="primary" onClick={open('resume')} icon={<Play size={13} aria-hidden="true" />}>
          Resume…
        </Button>
      )}
      {operation.intent !== 'cancel' && (
        <Button kind="danger" onClick={open('cancel')}>
          Cancel…
        </Button>
      )}
      {verb !== null && (
        <ReasonDialog
          title={TITLES[verb]}
          consequence={consequence(verb, operation)}
          act={ACTS[verb]}
          kind={verb === 'cancel' ? 'danger' : 'primary'}
          isReasonNeeded={verb !== 'resume'}
          isBusy={mutation.isPending}
          problem={mutation.error === null ? null : <FailureNote error={mutation.error} />}
          onClose={() => setVerb(null)}
          onConfirm={(reason) => mutation.mutate({ operationId: operation.id, reason })}
        />
      )}
    </>
  )
}

const TITLES: Readonly<Record<Verb, string>> = {
  pause: 'Pause the operation',
  resume: 'Resume the operation',
  cancel: 'Cancel the operation',
}
const ACTS: Readonly<Record<Verb, string>> = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel for good' }

function consequence(verb: Verb, operation: OperationDetail): string {
  const counts = countsOf(operation.progress)
  const done = operation.kind === 'discard' ? 'discarded' : 'sent'
  const sent = `${formatCount(counts.confirmed)} ${done}`
  switch (verb) {
    case 'pause':
      return `What is under way right now is seen through, then nothing more leaves. ${sent}, ${formatCount(counts.remaining)} wait.`
    case 'resume':
      return operation.stateReason === null
        ? `It goes on where it stopped: ${formatCount(counts.remaining)} are left.`
        : `It stopped because: ${operation.stateReason}. Going on is your decision; ${formatCount(counts.remaining)} are left.`
    case 'cancel':
      return `It ends for good. ${sent} and stay ${done}; ${formatCount(counts.remaining)} stay where they are and can be planned anew.`
  }
}
