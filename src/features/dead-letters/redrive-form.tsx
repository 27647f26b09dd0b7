'use client'
import { useState, type FormEvent } from 'react'
import { checkEditStep } from '#domain/edit/check-edit-step.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import type { TargetKind } from '#domain/operation/target-kind.ts'
import { Button } from '#ui/button.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import { EditSteps, toEditStep, type StepDraft } from '#features/dead-letters/edit-steps.tsx'
import { PlaceChoice } from '#features/dead-letters/place-choice.tsx'
import { TargetChoice } from '#features/dead-letters/target-choice.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

/** What a person asks for; the dry run answers with what it would do. */
export interface RedriveWish {
  readonly clusterId: string
  readonly source: string
  readonly ratePerSecond: number
  readonly canarySize: number
  readonly reason: string
  /** null = each message's own: its origin, or the retry destination of the group that failed. */
  readonly target: string | null
  readonly isRetryTarget: boolean
  readonly edit: EditStep[]
}

interface RedriveFormProps {
  readonly group: FailureGroup
  readonly isBusy: boolean
  readonly onPlan: (wish: RedriveWish) => void
}

const LEAST_REASON = 3

/** A whole number within bounds, or null. */
function parseFigure(text: string, least: number, most: number): number | null {
  const figure = Number(text)
  return text.trim() !== '' && Number.isFinite(figure) && figure >= least && figure <= most ? figure : null
}

/** Where from, where to, how fast, how many first, and why. */
export function RedriveForm({ group, isBusy, onPlan }: RedriveFormProps) {
  const [placeIndex, setPlaceIndex] = useState(0)
  const [where, setWhere] = useState<TargetKind>('origin')
  const [target, setTarget] = useState('')
  const [rate, setRate] = useState('10')
  const [canary, setCanary] = useState('10')
  const [steps, setSteps] = useState<readonly StepDraft[]>([])
  const [reason, setReason] = useState('')
  const place = group.places[placeIndex] ?? group.places[0]
  const ratePerSecond = parseFigure(rate, 0.1, 100_000)
  const canarySize = parseFigure(canary, 0, 1000)
  if (place === undefined) return null
  const edit = steps.map(toEditStep)
  const isEditFit = edit.every((step) => step.at !== '' && checkEditStep(step) === null)
  const isComplete =
    ratePerSecond !== null &&
    canarySize !== null &&
    isEditFit &&
    (where !== 'destination' || target.trim() !== '') &&
    reason.trim().length >= LEAST_REASON
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    onPlan({
      clusterId: place.clusterId,
      source: place.destination,
      ratePerSecond,
      canarySize: Math.round(canarySize),
      reason: reason.trim(),
      target: where === 'destination' ? target.trim() : null,
      isRetryTarget: where === 'retry',
      edit,
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2.5">
      <PlaceChoice places={group.places} chosen={placeIndex} onChoose={setPlaceIndex} />
      <TargetChoice
        clusterId={place.clusterId}
        origins={group.origins}
        where={where}
        target={target}
        onWhere={setWhere}
        onTarget={setTarget}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Rate cap, messages per second"
          inputMode="decimal"
          value={rate}
          hint={
            ratePerSecond === null
              ? undefined
              : `about ${formatDuration((place.count / ratePerSecond) * 1000)} for ${formatPlural(place.count, 'message')}`
          }
          problem={ratePerSecond === null ? 'From 0.1 to 100,000.' : null}
          onChange={(event) => setRate(event.target.value)}
        />
        <TextField
          label="Canary, messages"
          inputMode="numeric"
          value={canary}
          hint="Sent first; the rest waits for their outcome. 0 = none."
          problem={canarySize === null ? 'From 0 to 1,000.' : null}
          onChange={(event) => setCanary(event.target.value)}
        />
      </div>
      <EditSteps steps={steps} onChange={setSteps} />
      <TextAreaField
        label="Reason"
        value={reason}
        placeholder="What was fixed, and where one can see it"
        hint="Stays on the record, beside your name."
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex items-center gap-3">
        <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isComplete}>
          {isBusy ? 'Planning…' : 'Plan it'}
        </Button>
        <span className="text-sm text-ink-3">Planning sends nothing.</span>
      </div>
    </form>
  )
}
