'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { classNames } from '#ui/class-names.ts'
import { SidePanel } from '#ui/side-panel.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'
import { PlanUnderWay } from '#features/operations/plan-under-way.tsx'
import { StartPlan } from '#features/operations/start-plan.tsx'

interface PreparePanelProps {
  readonly title: string
  readonly subtitle: string
  /** The planned operation; null while the wish is being put together. */
  readonly operationId: string | null
  readonly onClose: () => void
  readonly onStarted: (operationId: string) => void
  /** Back to the wish. */
  readonly onAgain: () => void
  /** The wish. */
  readonly children: ReactNode
}

const STEPS = ['Choose', 'Plan', 'Run'] as const

/** Wish, dry run, consequences, start: nothing is done before the last step. */
export function PreparePanel({ operationId, onAgain, onStarted, ...props }: PreparePanelProps) {
  const trpc = useTRPC()
  const operation = useQuery({
    ...trpc.operation.get.queryOptions({ id: operationId ?? '' }),
    enabled: operationId !== null,
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.state === 'planning' ? 500 : 3000),
  })
  const step = operationId === null ? 0 : 1
  return (
    <SidePanel isOpen onClose={props.onClose} title={props.title}>
      <ol className="mb-3 flex gap-4 text-ink-3" aria-label="Steps">
        {STEPS.map((name, index) => (
          <li
            key={name}
            aria-current={index === step ? 'step' : undefined}
            className={classNames('flex items-center gap-1.5', index === step && 'font-semibold text-ink')}
          >
            <span>{index + 1}</span> {name}
          </li>
        ))}
      </ol>
      <div className="mb-3 font-mono text-sm text-ink-2 wrap-anywhere-safe">{props.subtitle}</div>
      {operationId === null ? (
        <div className="flex flex-col gap-3">{props.children}</div>
      ) : operation.data === undefined || operation.data.state === 'planning' ? (
        <Planning operation={operation.data} onStopped={onAgain} />
      ) : (
        <StartPlan operation={operation.data} onStarted={onStarted} onAgain={onAgain} />
      )}
      {operation.error !== null && <FailureNote error={operation.error} />}
    </SidePanel>
  )
}

interface PlanningProps {
  readonly operation: OperationDetail | undefined
  readonly onStopped: () => void
}

/** Planning sends nothing, so stopping it needs no second question. */
function Planning({ operation, onStopped }: PlanningProps) {
  const trpc = useTRPC()
  const cancel = useMutation(trpc.operation.cancel.mutationOptions({ onSuccess: onStopped }))
  return (
    <div className="flex flex-col items-start gap-3">
      <PlanUnderWay operation={operation} />
      {operation !== undefined && (
        <Button
          isBusy={cancel.isPending}
          onClick={() => cancel.mutate({ operationId: operation.id, reason: 'given up while it was planned' })}
        >
          Stop planning
        </Button>
      )}
      {cancel.error !== null && <FailureNote error={cancel.error} />}
    </div>
  )
}
