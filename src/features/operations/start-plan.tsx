'use client'
import { useMutation } from '@tanstack/react-query'
import { isProduction } from '#domain/access/is-production.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { wordsToType } from '#ui/confirm/needs-typing.ts'
import { TypingGate } from '#ui/confirm/typing-gate.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { useEnvironmentOf } from '#features/clusters/use-environment-of.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { ApprovalNote, isApprovalAwaited } from '#features/operations/approval-note.tsx'
import { PlanView } from '#features/operations/plan-view.tsx'
import { useMay } from '#features/session/person-context.ts'

type Operation = RouterOutputs['operation']['get']

interface StartPlanProps {
  readonly operation: Operation
  readonly onStarted: (id: string) => void
  /** Back to the wish; absent where there is none. */
  readonly onAgain?: () => void
}

/** The plan with its consequences, and the button that lets it go. */
export function StartPlan({ operation, onStarted, onAgain }: StartPlanProps) {
  const trpc = useTRPC()
  const mayRun = useMay('operation:run')
  const environment = useEnvironmentOf(operation.clusterId)
  const start = useMutation(trpc.operation.start.mutationOptions({ onSuccess: () => onStarted(operation.id) }))
  const { plan, manifestHash } = operation
  if (operation.state === 'failed' || operation.state === 'cancelled') {
    return (
      <Note
        tone="bad"
        isAlert
        title={operation.state === 'failed' ? 'It cannot be planned' : 'The plan was cancelled'}
        action={
          onAgain && (
            <Button size="small" onClick={onAgain}>
              Change it
            </Button>
          )
        }
      >
        {operation.stateReason ?? 'The collector gave no reason.'}
      </Note>
    )
  }
  if (plan === null || manifestHash === null) return <p className="text-ink-2">The plan is not there yet.</p>
  const words = wordsToType(plan.sendCount, environment === null || isProduction(environment))
  const { consequence, act } = describeStart(operation, plan)
  return (
    <div className="flex flex-col gap-3">
      <PlanView operationId={operation.id} kind={operation.kind} plan={plan} manifestHash={manifestHash} />
      <ApprovalNote operation={operation} />
      {start.error !== null && <FailureNote error={start.error} />}
      {plan.sendCount === 0 ? (
        <Note
          tone="unknown"
          title="Nothing would be sent"
          action={
            onAgain && (
              <Button size="small" onClick={onAgain}>
                Change it
              </Button>
            )
          }
        >
          Every selected message is skipped or quarantined, for the reasons above.
        </Note>
      ) : isApprovalAwaited(operation) ? (
        onAgain && (
          <div>
            <Button onClick={onAgain}>Change it</Button>
          </div>
        )
      ) : mayRun ? (
        <div className={onAgain && 'sticky bottom-0 -mx-4 -mb-3 border-t border-line-soft bg-panel px-4 py-3'}>
          <TypingGate words={words} consequence={consequence}>
            {(isOpen) => (
              <div className="flex items-center gap-2">
                <Button
                  kind={operation.kind === 'discard' ? 'danger' : 'primary'}
                  disabled={!isOpen}
                  isBusy={start.isPending || start.isSuccess}
                  onClick={() => start.mutate({ operationId: operation.id, manifestHash })}
                >
                  {act}
                </Button>
                {onAgain && <Button onClick={onAgain}>Change it</Button>}
              </div>
            )}
          </TypingGate>
        </div>
      ) : (
        <Note tone="unknown" title="Your role may plan, not run">
          Pass the link of this operation to an operator.
        </Note>
      )}
    </div>
  )
}

/** The blast radius in words, and what the button says. */
function describeStart(
  { kind, canarySize, source }: Operation,
  plan: RedrivePlan,
): { readonly consequence: string; readonly act: string } {
  const messages = formatPlural(plan.sendCount, 'message')
  if (kind === 'discard') return { consequence: `This discards ${messages} of ${source}.`, act: `Discard ${messages}` }
  const targets = plan.targets.map((target) => target.destination).join(', ')
  return {
    consequence: `This sends ${messages} to ${targets}.`,
    act:
      canarySize > 0 && plan.sendCount > canarySize
        ? `Start with ${formatPlural(canarySize, 'message')}`
        : `Send ${messages}`,
  }
}
