'use client'
import { Plus, X } from 'lucide-react'
import { checkEditStep } from '#domain/edit/check-edit-step.ts'
import { MAX_EDIT_STEPS, type EditStep } from '#domain/edit/edit-step.ts'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'

/** A step as it is being written; `id` only tells the rows apart. */
export interface StepDraft {
  readonly id: number
  readonly act: EditStep['act']
  readonly part: EditStep['part']
  readonly at: string
  /** The value of a `set`, the new name of a `rename`. */
  readonly to: string
}

const ACTS = [
  { id: 'set', label: 'Set' },
  { id: 'remove', label: 'Remove' },
  { id: 'rename', label: 'Rename' },
] as const
const PARTS = [
  { id: 'payload', label: 'Field' },
  { id: 'header', label: 'Header' },
] as const

export function toEditStep({ act, part, at, to }: StepDraft): EditStep {
  const place = { part, at: at.trim() }
  if (act === 'set') return { act, ...place, value: to }
  return act === 'rename' ? { act, ...place, to: to.trim() } : { act, ...place }
}

interface EditStepsProps {
  readonly steps: readonly StepDraft[]
  readonly onChange: (steps: readonly StepDraft[]) => void
}

/** The changes that every message gets before it is sent, in their order. */
export function EditSteps({ steps, onChange }: EditStepsProps) {
  const nextId = Math.max(0, ...steps.map((step) => step.id)) + 1
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm text-ink-2">
        Edit before sending. The plan shows what it does to every message; the originals are kept.
      </legend>
      {steps.map((step) => (
        <StepRow
          key={step.id}
          step={step}
          onChange={(changed) => onChange(steps.map((one) => (one.id === step.id ? changed : one)))}
          onRemove={() => onChange(steps.filter((one) => one.id !== step.id))}
        />
      ))}
      <div>
        <Button
          size="small"
          icon={<Plus size={13} aria-hidden="true" />}
          disabled={steps.length >= MAX_EDIT_STEPS}
          onClick={() => onChange([...steps, { id: nextId, act: 'set', part: 'payload', at: '', to: '' }])}
        >
          Add a change
        </Button>
      </div>
    </fieldset>
  )
}

interface StepRowProps {
  readonly step: StepDraft
  readonly onChange: (step: StepDraft) => void
  readonly onRemove: () => void
}

function StepRow({ step, onChange, onRemove }: StepRowProps) {
  const isHeader = step.part === 'header'
  const problem = step.at === '' ? null : checkEditStep(toEditStep(step))
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line-soft bg-sunken px-2.5 py-2">
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
          <FilterChips
            label="What to do"
            chips={ACTS}
            value={step.act}
            onChange={(id) => onChange({ ...step, act: ACTS.find((act) => act.id === id)?.id ?? step.act })}
          />
          <FilterChips
            label="What of"
            chips={PARTS}
            value={step.part}
            onChange={(id) => onChange({ ...step, part: PARTS.find((part) => part.id === id)?.id ?? step.part })}
          />
        </div>
        <Button kind="bare" size="small" aria-label="Take this change out" onClick={onRemove}>
          <X size={13} aria-hidden="true" />
        </Button>
      </div>
      <div className={step.act === 'remove' ? 'grid' : 'grid grid-cols-2 gap-2'}>
        <TextField
          label={isHeader ? 'Header' : 'Field'}
          value={step.at}
          placeholder={isHeader ? 'tenant' : 'amount.currency'}
          onChange={(event) => onChange({ ...step, at: event.target.value })}
        />
        {step.act !== 'remove' && (
          <TextField
            label={step.act === 'rename' ? 'New name' : isHeader ? 'Value' : 'Value, as JSON'}
            value={step.to}
            placeholder={step.act === 'rename' ? 'currencyCode' : isHeader ? 'acme' : '"EUR"'}
            onChange={(event) => onChange({ ...step, to: event.target.value })}
          />
        )}
      </div>
      {problem !== null && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
    </div>
  )
}
