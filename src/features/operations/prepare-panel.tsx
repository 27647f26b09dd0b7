'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { classNames } from '#ui/class-names.ts'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateShape } from '#ui/state-shape.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
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
        <Planning />
      ) : (
        <StartPlan operation={operation.data} onStarted={onStarted} onAgain={onAgain} />
      )}
      {operation.error !== null && <FailureNote error={operation.error} />}
    </SidePanel>
  )
}

function Planning() {
  return (
    <output className="flex items-center gap-2 text-ink-2">
      <StateShape tone="active" /> The collector freezes the selection and looks at what it would do…
    </output>
  )
}
