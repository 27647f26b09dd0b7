'use client'
import { useState, type FormEvent, type ReactNode } from 'react'
import { Button } from '#ui/button.tsx'
import type { ButtonKind } from '#ui/button-class.ts'
import { Dialog } from '#ui/dialog.tsx'
import { TextAreaField } from '#ui/field.tsx'

interface ReasonDialogProps {
  readonly title: string
  /** What will be after it, in words. */
  readonly consequence: string
  readonly act: string
  readonly kind: ButtonKind
  readonly isReasonNeeded: boolean
  readonly isBusy: boolean
  readonly problem: ReactNode
  readonly onClose: () => void
  readonly onConfirm: (reason: string) => void
}

/** Asks why before something is done; the reason goes on the record. */
export function ReasonDialog(props: ReasonDialogProps) {
  const [reason, setReason] = useState('')
  const isComplete = !props.isReasonNeeded || reason.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete) props.onConfirm(reason.trim())
  }
  return (
    <Dialog isOpen onClose={props.onClose} title={props.title}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <p className="text-ink-2">{props.consequence}</p>
        <TextAreaField
          label={props.isReasonNeeded ? 'Reason' : 'Reason, if there is one'}
          value={reason}
          hint="Stays on the record, beside your name."
          onChange={(event) => setReason(event.target.value)}
        />
        {props.problem}
        <div className="flex gap-2">
          <Button type="submit" kind={props.kind} disabled={!isComplete} isBusy={props.isBusy}>
            {props.act}
          </Button>
          <Button onClick={props.onClose}>Leave it as it is</Button>
        </div>
      </form>
    </Dialog>
  )
}
