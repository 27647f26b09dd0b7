'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ComponentProps } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'

interface AttributeIndexButtonProps extends Omit<ComponentProps<typeof Button>, 'onClick' | 'isBusy'> {
  readonly attributeKey: string
  readonly verb: 'request' | 'drop'
  readonly onDone?: () => void
}

const WORDS = {
  request: {
    title: 'Index an attribute',
    act: 'Index it',
    kind: 'primary',
    consequence: (key: string) =>
      `Flows will be found by ${key} at once, the stored ones too once the index is complete. Every span that comes in is looked at for it.`,
  },
  drop: {
    title: 'Drop an index',
    act: 'Drop it',
    kind: 'danger',
    consequence: (key: string) => `Flows are then found by ${key} only by looking through their spans, newest first.`,
  },
} as const

/** Asks why an attribute is indexed, or no longer, and has it done. */
export function AttributeIndexButton({ attributeKey, verb, onDone, ...look }: AttributeIndexButtonProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isOpen, setIsOpen] = useState(false)
  const options = {
    onSuccess: async () => {
      setIsOpen(false)
      onDone?.()
      await queryClient.invalidateQueries(trpc.attributeIndex.pathFilter())
    },
  }
  const request = useMutation(trpc.attributeIndex.request.mutationOptions(options))
  const drop = useMutation(trpc.attributeIndex.drop.mutationOptions(options))
  const act = verb === 'request' ? request : drop
  const words = WORDS[verb]
  return (
    <>
      <Button
        {...look}
        disabled={attributeKey === ''}
        onClick={() => {
          act.reset()
          setIsOpen(true)
        }}
      />
      {isOpen && (
        <ReasonDialog
          title={words.title}
          consequence={words.consequence(attributeKey)}
          act={words.act}
          kind={words.kind}
          isReasonNeeded
          isBusy={act.isPending}
          problem={act.error !== null && <FailureNote error={act.error} />}
          onClose={() => setIsOpen(false)}
          onConfirm={(reason) => act.mutate({ key: attributeKey, reason })}
        />
      )}
    </>
  )
}
