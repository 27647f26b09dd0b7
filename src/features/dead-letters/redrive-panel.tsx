'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { classNames } from '#ui/class-names.ts'
import { formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateShape } from '#ui/state-shape.tsx'
import { RedriveForm, type RedriveWish } from '#features/dead-letters/redrive-form.tsx'
import { newRequestKey } from '#features/dead-letters/new-request-key.ts'
import { readinessOf, type FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { StartPlan } from '#features/operations/start-plan.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useNow } from '#ui/use-now.ts'

interface RedrivePanelProps {
  readonly group: FailureGroup
  /** The one message of the group that is meant; null = all of them. */
  readonly onlyId: number | null
  readonly onClose: () => void
}

const STEPS = ['Choose', 'Plan', 'Run'] as const

/** Wish, dry run, consequences, start: nothing is sent before the last step. */
export function RedrivePanel({ group, onlyId, onClose }: RedrivePanelProps) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const nowMs = useNow()
  /** One key per wish, so that a double press is one operation; a changed wish gets another. */
  const asked = useRef<{ readonly wish: string; readonly key: string } | null>(null)
  const [operationId, setOperationId] = useState<string | null>(null)
  const plan = useMutation(
    trpc.operation.planRedrive.mutationOptions({ onSuccess: (answer) => setOperationId(answer.operationId) }),
  )
  const operation = useQuery({
    ...trpc.operation.get.queryOptions({ id: operationId ?? '' }),
    enabled: operationId !== null,
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.state === 'planning' ? 500 : 3000),
  })
  const ask = (wish: RedriveWish) => {
    const text = JSON.stringify(wish)
    if (asked.current?.wish !== text) asked.current = { wish: text, key: newRequestKey() }
    const { target, ...rest } = wish
    plan.mutate({
      ...rest,
      requestKey: asked.current.key,
      selection: onlyId === null ? { fingerprint: group.fingerprint } : { ids: [onlyId] },
      ...(target === null ? {} : { target }),
    })
  }
  const started = (id: string) => {
    void queryClient.invalidateQueries({ queryKey: trpc.deadLetter.pathKey() })
    router.push(operationPath(id))
  }
  const step = operationId === null ? 0 : 1
  const readiness = readinessOf(group, nowMs)
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={onlyId === null ? `Redrive ${formatPlural(group.count, 'dead letter')}` : 'Redrive one dead letter'}
    >
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
      <div className="mb-3 font-mono text-sm text-ink-2 wrap-anywhere-safe">{group.title}</div>
      {operationId === null ? (
        <div className="flex flex-col gap-3">
          <Note
            tone={readiness.tone === 'bad' || readiness.tone === 'warn' ? 'warn' : 'unknown'}
            title={readiness.word}
          >
            {readiness.reason}
          </Note>
          <RedriveForm group={group} isBusy={plan.isPending} onPlan={ask} />
          {plan.error !== null && <FailureNote error={plan.error} />}
        </div>
      ) : operation.data === undefined ? (
        <Planning />
      ) : operation.data.state === 'planning' ? (
        <Planning />
      ) : (
        <StartPlan operation={operation.data} onStarted={started} onAgain={() => setOperationId(null)} />
      )}
      {operation.error !== null && <FailureNote error={operation.error} />}
    </SidePanel>
  )
}

function Planning() {
  return (
    <output className="flex items-center gap-2 text-ink-2">
      <StateShape tone="active" /> The collector freezes the selection and looks at targets, readers and loops…
    </output>
  )
}
