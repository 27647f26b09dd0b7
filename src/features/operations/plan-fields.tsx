'use client'
import { Button } from '#ui/button.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { parseFigure } from '#features/operations/parse-figure.ts'

const LEAST_REASON = 3

export const isReason = (text: string): boolean => text.trim().length >= LEAST_REASON

export const parseRate = (text: string): number | null => parseFigure(text, 0.1, 100_000)

export const parseCanary = (text: string): number | null => {
  const figure = parseFigure(text, 0, 1_000)
  return figure === null ? null : Math.round(figure)
}

interface PaceFieldsProps {
  readonly rate: string
  readonly canary: string
  /** How long it takes at that rate. */
  readonly rateHint: string | undefined
  readonly onRate: (text: string) => void
  readonly onCanary: (text: string) => void
}

/** How fast, and how many first. */
export function PaceFields({ rate, canary, rateHint, onRate, onCanary }: PaceFieldsProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField
        label="Rate cap, messages per second"
        inputMode="decimal"
        value={rate}
        hint={rateHint}
        problem={parseRate(rate) === null ? 'From 0.1 to 100,000.' : null}
        onChange={(event) => onRate(event.target.value)}
      />
      <TextField
        label="Canary, messages"
        inputMode="numeric"
        value={canary}
        hint="Sent first; the rest waits for their outcome. 0 = none."
        problem={parseCanary(canary) === null ? 'From 0 to 1,000.' : null}
        onChange={(event) => onCanary(event.target.value)}
      />
    </div>
  )
}

interface ReasonFieldProps {
  readonly reason: string
  readonly placeholder: string
  readonly onReason: (text: string) => void
}

/** Why: asked before every plan. */
export function ReasonField({ reason, placeholder, onReason }: ReasonFieldProps) {
  return (
    <TextAreaField
      label="Reason"
      value={reason}
      placeholder={placeholder}
      hint="Stays on the record, beside your name."
      onChange={(event) => onReason(event.target.value)}
    />
  )
}

interface PlanButtonProps {
  readonly isBusy: boolean
  readonly isComplete: boolean
  /** What planning does not do yet. */
  readonly note: string
}

export function PlanButton({ isBusy, isComplete, note }: PlanButtonProps) {
  return (
    <div className="flex items-center gap-3">
      <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isComplete}>
        {isBusy ? 'Planning…' : 'Plan it'}
      </Button>
      <span className="text-sm text-ink-3">{note}</span>
    </div>
  )
}
