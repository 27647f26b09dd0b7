'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount, formatPlural, formatRate } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { ItemTable } from '#features/operations/item-table.tsx'
import { OperationActions } from '#features/operations/operation-actions.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'
import { OperationFacts } from '#features/operations/operation-facts.tsx'
import { OperationProgress } from '#features/operations/operation-progress.tsx'
import { describeWork, operationName, operationWords } from '#features/operations/operation-words.ts'
import { PlanUnderWay } from '#features/operations/plan-under-way.tsx'
import { PlanView } from '#features/operations/plan-view.tsx'
import { RateChart } from '#features/operations/rate-chart.tsx'
import { RestoreDiscarded } from '#features/operations/restore-discarded.tsx'
import { StartPlan } from '#features/operations/start-plan.tsx'
import { TransitionList } from '#features/operations/transition-list.tsx'
import { useRateHistory } from '#features/operations/use-rate-history.ts'

const isFinal = (state: OperationState): boolean => (FINAL_STATES as readonly OperationState[]).includes(state)

const isSending = (state: OperationState): boolean => state === 'canary' || state === 'running'

/** One operation while it happens, and its record afterwards. */
export function OperationPage({ id }: { readonly id: string }) {
  const trpc = useTRPC()
  const operation = useQuery({
    ...trpc.operation.get.queryOptions({ id }),
    refetchInterval: (query) => (query.state.data !== undefined && isFinal(query.state.data.state) ? 5000 : 1000),
  })
  const points = useRateHistory(operation.data)
  const words =
    operation.data === undefined
      ? null
      : operationWords(operation.data.state, operation.data.intent, operation.data.kind)
  return (
    <>
      <PageHead
        trail={
          <>
            <TextLink href="/operations">Operations</TextLink> /
          </>
        }
        title={operation.data === undefined ? 'Operation' : operationName(operation.data.number)}
        mark={words && <StateMark tone={words.tone}>{words.word}</StateMark>}
        sentence={
          operation.data === undefined
            ? '\u00a0'
            : `${formatPlural(operation.data.itemCount, operation.data.kind === 'import' ? 'message' : 'dead letter')} · ${describeWork(operation.data)} · “${operation.data.reason}” · ${operation.data.createdByName}`
        }
        actions={
          operation.data && (
            <>
              <CopyButton label="Copy link" text={() => window.location.href} />
              <RestoreDiscarded operation={operation.data} />
              <OperationActions operation={operation.data} />
            </>
          )
        }
      />
      <Fetched
        query={operation}
        skeleton={
          <Card isFlush>
            <SkeletonRows count={8} label="the operation" />
          </Card>
        }
      >
        {(found) => <OperationBody operation={found} points={points} />}
      </Fetched>
    </>
  )
}

const TABS = ['items', 'plan', 'record'] as const

interface OperationBodyProps {
  readonly operation: OperationDetail
  readonly points: ReturnType<typeof useRateHistory>
}

function OperationBody({ operation, points }: OperationBodyProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('items'))
  const isOver = isFinal(operation.state)
  const isPlanned = operation.state === 'planned'
  const isPlanning = operation.state === 'planning'
  const yielded = isSending(operation.state) ? operation.yieldedRate : null
  const refresh = () => void queryClient.invalidateQueries({ queryKey: trpc.operation.pathKey() })
  return (
    <>
      {isPlanned || isPlanning || <OperationProgress operation={operation} />}
      <div className="mt-3 grid items-start gap-3 xl:grid-cols-[1fr_380px]">
        {isPlanning ? (
          <Card title="Being planned" note="nothing is sent by that">
            <PlanUnderWay operation={operation} />
          </Card>
        ) : isPlanned ? (
          <Card title="Planned, not started" note="nothing has been sent">
            <StartPlan operation={operation} onStarted={refresh} />
          </Card>
        ) : (
          <Card title="Rate against cap" note="as seen since this page was opened">
            {yielded !== null && (
              <div className="mb-3">
                <Note
                  tone="warn"
                  title={`Yields to live traffic: ${formatRate(yielded)} of ${formatRate(operation.ratePerSecond)}`}
                >
                  {operation.yieldReason}
                </Note>
              </div>
            )}
            <RateChart
              points={points}
              capPerSecond={operation.ratePerSecond}
              yieldedPerSecond={yielded}
              isOver={isOver}
            />
          </Card>
        )}
        <OperationFacts operation={operation} />
      </div>
      <Tabs
        label="Details of the operation"
        value={tab}
        onChange={(next) => void setTab(TABS.find((known) => known === next) ?? null)}
        entries={[
          {
            id: 'items',
            label: 'Items',
            count: formatCount(operation.itemCount),
            content: <ItemTable operationId={operation.id} kind={operation.kind} isOver={isOver} />,
          },
          {
            id: 'plan',
            label: 'Plan',
            content:
              operation.plan === null ? (
                <EmptyState title="No plan yet">The dry run is under way.</EmptyState>
              ) : (
                <div className="max-w-2xl">
                  <PlanView
                    operationId={operation.id}
                    kind={operation.kind}
                    plan={operation.plan}
                    manifestHash={operation.manifestHash}
                  />
                </div>
              ),
          },
          {
            id: 'record',
            label: 'Record',
            count: operation.transitions.length,
            content: (
              <Card isFlush>
                <TransitionList transitions={operation.transitions} />
              </Card>
            ),
          },
        ]}
      />
    </>
  )
}
