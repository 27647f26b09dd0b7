'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { ResetTarget } from '#domain/reset/reset-plan.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { Note } from '#ui/note.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useRequestKey } from '#features/operations/use-request-key.ts'
import { ApplyReset } from '#features/resets/apply-reset.tsx'
import { parseLanes } from '#features/resets/parse-lanes.ts'
import { ResetPlanView } from '#features/resets/reset-plan-view.tsx'
import { RESET_STATES } from '#features/resets/reset-states.ts'
import {
  isTargetChip,
  readTarget,
  TARGET_CHIPS,
  TARGET_FIELDS,
  type TargetChip,
} from '#features/resets/reset-target-fields.ts'

export interface ResetSubject {
  readonly clusterId: string
  readonly group: string
  readonly destinations: readonly string[]
  /** Where the connector of the group is stopped; null where it has none that is known. */
  readonly connectorHref: string | null
}

interface ResetPanelProps {
  readonly subject: ResetSubject
  /** The reset to take back; null = a new one. */
  readonly undoOf: { readonly id: string; readonly destination: string } | null
  readonly onClose: () => void
}

/** Where to, what that would do, and then, perhaps, doing it. */
export function ResetPanel({ subject, undoOf, onClose }: ResetPanelProps) {
  const { clusterId, group, connectorHref } = subject
  const trpc = useTRPC()
  const keyOf = useRequestKey()
  const [askedId, setAskedId] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const dryRun = useMutation(trpc.reset.plan.mutationOptions())
  const plan = (destination: string, target: ResetTarget, lanes: readonly string[] | null) => {
    setAskedId(null)
    setRound(round + 1)
    const wish = { clusterId, group, destination, target, lanes: lanes === null ? null : [...lanes] }
    // Every look is a new one: positions move on.
    dryRun.mutate({ ...wish, requestKey: keyOf({ ...wish, round }) })
  }
  // What is shown belongs to what was typed.
  const forget = () => {
    setAskedId(null)
    dryRun.reset()
  }
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={undoOf === null ? `Reset offsets of ${group}` : `Undo a reset of ${group}`}
    >
      <div className="flex flex-col gap-4">
        {undoOf === null ? (
          <TargetForm subject={subject} isBusy={dryRun.isPending} onEdit={forget} onPlan={plan} />
        ) : (
          <div className="flex flex-col items-start gap-2">
            <p className="text-ink-2">The positions go back to where they were before that reset, lane by lane.</p>
            <Button
              kind={dryRun.data === undefined ? 'primary' : 'plain'}
              isBusy={dryRun.isPending}
              onClick={() => plan(undoOf.destination, { kind: 'undo', resetId: undoOf.id }, null)}
            >
              {dryRun.data === undefined ? 'Show what would happen' : 'Look again'}
            </Button>
          </div>
        )}
        {dryRun.error !== null && <FailureNote error={dryRun.error} />}
        {dryRun.data !== undefined && !dryRun.isPending && (
          <section className="flex flex-col gap-3 border-t border-line-soft pt-3" aria-label="Dry run">
            <ResetPlanView plan={dryRun.data.plan} connectorHref={connectorHref} />
            {askedId === null ? (
              <ApplyReset key={dryRun.data.id} clusterId={clusterId} planned={dryRun.data} onAsked={setAskedId} />
            ) : (
              <ResetOutcome clusterId={clusterId} group={group} id={askedId} />
            )}
          </section>
        )}
      </div>
    </SidePanel>
  )
}

function TargetForm({
  subject: { destinations },
  isBusy,
  onEdit,
  onPlan,
}: {
  readonly subject: ResetSubject
  readonly isBusy: boolean
  readonly onEdit: () => void
  readonly onPlan: (destination: string, target: ResetTarget, lanes: readonly string[] | null) => void
}) {
  const [destination, setDestination] = useState(destinations[0] ?? '')
  const [chip, setChip] = useState<TargetChip>('earliest')
  const [text, setText] = useState('')
  const [laneText, setLaneText] = useState('')
  const field = TARGET_FIELDS[chip]
  const target = readTarget(chip, text)
  const lanes = parseLanes(laneText)
  const isComplete = target !== null && 'lanes' in lanes && destination !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (target !== null && 'lanes' in lanes) onPlan(destination, target, lanes.lanes)
  }
  return (
    <form onSubmit={submit} onChange={onEdit} className="flex flex-col gap-3">
      {destinations.length > 1 && (
        <FilterChips
          label="Destination"
          chips={destinations.map((id) => ({ id, label: id }))}
          value={destination}
          onChange={setDestination}
        />
      )}
      <FilterChips
        label="Where to"
        chips={TARGET_CHIPS}
        value={chip}
        onChange={(id) => {
          setText('')
          if (isTargetChip(id)) setChip(id)
        }}
      />
      {field !== null && (
        <TextField
          label={field.label}
          type={field.type}
          step={field.type === 'datetime-local' ? 1 : undefined}
          hint={field.hint}
          value={text}
          problem={text !== '' && target === null ? 'This is no such figure.' : null}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <TextField
        label="Lanes"
        hint="All of them, or 0, 3-5."
        placeholder="all"
        value={laneText}
        problem={'problem' in lanes ? lanes.problem : null}
        autoComplete="off"
        onChange={(event) => setLaneText(event.target.value)}
      />
      <Button type="submit" className="self-start" disabled={!isComplete} isBusy={isBusy}>
        Show what would happen
      </Button>
    </form>
  )
}

/** How the reset that was asked for ends; seconds pass until a collector has done it and looked. */
function ResetOutcome({
  clusterId,
  group,
  id,
}: {
  readonly clusterId: string
  readonly group: string
  readonly id: string
}) {
  const trpc = useTRPC()
  const list = useQuery({ ...trpc.reset.list.queryOptions({ clusterId, group }), refetchInterval: 1_000 })
  const reset = list.data?.find((one) => one.id === id)
  if (list.error !== null) return <FailureNote error={list.error} />
  const { word, tone } = RESET_STATES[reset?.state ?? 'asked']
  return (
    <div aria-live="polite">
      <Note tone={tone} title={word}>
        {reset?.outcome ?? 'A collector looks at the group again and sets the positions, if it stands as it was shown.'}
      </Note>
    </div>
  )
}
