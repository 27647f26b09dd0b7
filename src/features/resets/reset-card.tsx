'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { describeResetTarget, type ResetPlan, sumResetPlan } from '#domain/reset/reset-plan.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import type { ResetSubject } from '#features/resets/reset-panel.tsx'
import { RESET_STATES } from '#features/resets/reset-states.ts'
import { useMay } from '#features/session/person-context.ts'

const ResetPanel = dynamic(async () => (await import('#features/resets/reset-panel.tsx')).ResetPanel, {
  ssr: false,
})

type Reset = RouterOutputs['reset']['list'][number]
type Opened = { readonly undoOf: { readonly id: string; readonly destination: string } | null }

interface ResetCardProps {
  readonly clusterId: string
  readonly group: string
  readonly destinations: readonly string[]
}

/** Setting the positions of a group, and what was set before. */
export function ResetCard({ clusterId, group, destinations }: ResetCardProps) {
  const trpc = useTRPC()
  const mayControl = useMay('consumer:control')
  const [opened, setOpened] = useState<Opened | null>(null)
  const clusters = useQuery({ ...trpc.cluster.list.queryOptions(), staleTime: 10_000 })
  const list = useQuery({ ...trpc.reset.list.queryOptions({ clusterId, group }), refetchInterval: 5_000 })
  const capabilities = clusters.data?.clusters.find(({ id }) => id === clusterId)?.capabilities
  const canReset = capabilities?.['canResetOffsets'] === true
  const isConnectors = capabilities?.['hasConnectors'] === true && group.startsWith('connect-')
  const subject: ResetSubject = {
    clusterId,
    group,
    destinations,
    connectorHref: isConnectors ? `/consumers?view=connectors&q=${encodeURIComponent(group)}` : null,
  }
  return (
    <Card
      title="Offset resets"
      note={
        canReset && mayControl && destinations.length > 0 ? (
          <Button size="small" onClick={() => setOpened({ undoOf: null })}>
            Reset offsets…
          </Button>
        ) : undefined
      }
    >
      {capabilities !== undefined && !canReset ? (
        <p className="text-ink-2">
          Not possible here: this broker takes away what is worked off, so a group has no position that could be set. To
          have messages taken again, redrive or import them.
        </p>
      ) : (
        <Fetched query={list} skeleton={<SkeletonRows count={2} label="resets" />}>
          {(resets) =>
            resets.length === 0 ? (
              <p className="text-ink-2">
                None so far. A reset sets where the group goes on, shows beforehand what is skipped or taken again, and
                can be undone.
              </p>
            ) : (
              <ul className="flex flex-col gap-2.5" aria-label="Offset resets">
                {resets.map((reset) => (
                  <ResetEntry
                    key={reset.id}
                    reset={reset}
                    onUndo={
                      mayControl && canReset && isUndoable(reset)
                        ? () => setOpened({ undoOf: { id: reset.id, destination: reset.destination ?? '' } })
                        : null
                    }
                  />
                ))}
              </ul>
            )
          }
        </Fetched>
      )}
      {opened !== null && (
        <ResetPanel
          key={opened.undoOf?.id ?? 'new'}
          subject={subject}
          undoOf={opened.undoOf}
          onClose={() => setOpened(null)}
        />
      )}
    </Card>
  )
}

const isUndoable = ({ state, isUndone }: Reset): boolean =>
  !isUndone && (state === 'done' || state === 'partly' || state === 'unknown')

function ResetEntry({ reset, onUndo }: { readonly reset: Reset; readonly onUndo: (() => void) | null }) {
  const plan = reset.plan as ResetPlan
  const { word, tone } = RESET_STATES[reset.state]
  const { changedLanes } = sumResetPlan(plan.lanes)
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
      <StateMark tone={tone}>{reset.isUndone ? 'Undone' : word}</StateMark>
      <span className="min-w-0 flex-1 basis-60 wrap-anywhere-safe">
        {reset.destination} {describeResetTarget(plan.target)}, {formatPlural(changedLanes, 'lane')}, by{' '}
        {reset.actorName}
        {reset.reason !== null && `: ${reset.reason}`}
        {reset.outcome !== null && <span className="block text-ink-3">{reset.outcome}</span>}
      </span>
      <span className="text-ink-3">
        <MomentText atMs={reset.askedAtMs} />
      </span>
      {onUndo !== null && (
        <Button size="small" onClick={onUndo}>
          Undo…
        </Button>
      )}
    </li>
  )
}
