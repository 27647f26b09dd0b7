'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Connector, ConnectorVerb } from '#domain/connect/connector.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { VERB_WORDS } from '#features/connectors/connector-words.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useRequestKey } from '#features/operations/use-request-key.ts'

interface ConnectorDialogProps {
  readonly clusterId: string
  readonly connector: Connector
  readonly verb: ConnectorVerb
  readonly task: number | null
  readonly onClose: () => void
}

/** Says what will be after it and asks why. */
export function ConnectorDialog({ clusterId, connector, verb, task, onClose }: ConnectorDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const keyOf = useRequestKey()
  const act = useMutation(
    trpc.connector.act.mutationOptions({
      onSuccess: async () => {
        onClose()
        await queryClient.invalidateQueries({ queryKey: trpc.connector.pathKey() })
      },
    }),
  )
  const words = VERB_WORDS[verb]
  const what = task === null ? words.act : `${words.act} ${task}`
  const wish = { clusterId, connect: connector.connect, connector: connector.name, verb, task }
  return (
    <ReasonDialog
      title={`${what}: ${connector.name}`}
      consequence={words.consequence}
      act={what}
      kind={verb === 'stop' || verb === 'reset-offsets' ? 'danger' : 'primary'}
      isReasonNeeded
      isBusy={act.isPending}
      problem={act.error === null ? null : <FailureNote error={act.error} />}
      onClose={onClose}
      onConfirm={(reason) => act.mutate({ ...wish, reason, requestKey: keyOf({ ...wish, reason }) })}
    />
  )
}
