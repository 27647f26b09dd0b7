'use client'
import { useState, type FormEvent } from 'react'
import { checkEditStep } from '#domain/edit/check-edit-step.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import type { TargetKind } from '#domain/operation/target-kind.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import { EditSteps, toEditStep, type StepDraft } from '#features/dead-letters/edit-steps.tsx'
import { PlaceChoice } from '#features/dead-letters/place-choice.tsx'
import { TargetChoice } from '#features/dead-letters/target-choice.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import {
  isReason,
  PaceFields,
  parseCanary,
  parseRate,
  PlanButton,
  ReasonField,
} from '#features/operations/plan-fields.tsx'

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
  const ratePerSecond = parseRate(rate)
  const canarySize = parseCanary(canary)
  if (place === undefined) return null
  const edit = steps.map(toEditStep)
  const isEditFit = edit.every((step) => step.at !== '' && checkEditStep(step) === null)
  const isComplete =
    ratePerSecond !== null &&
    canarySize !== null &&
    isEditFit &&
    (where !== 'destination' || target.trim() !== '') &&
    isReason(reason)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    onPlan({
      clusterId: place.clusterId,
      source: place.destination,
      ratePerSecond,
      canarySize,
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
      <PaceFields
        rate={rate}
        canary={canary}
        rateHint={
          ratePerSecond === null
            ? undefined
            : `about ${formatDuration((place.count / ratePerSecond) * 1000)} for ${formatPlural(place.count, 'message')}`
        }
        onRate={setRate}
        onCanary={setCanary}
      />
      <EditSteps steps={steps} onChange={setSteps} />
      <ReasonField reason={reason} placeholder="What was fixed, and where one can see it" onReason={setReason} />
      <PlanButton isBusy={isBusy} isComplete={isComplete} note="Planning sends nothing." />
    </form>
  )
}
