'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState, type FormEvent } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { newRequestKey } from '#features/dead-letters/new-request-key.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { ImportFileField } from '#features/operations/import-file-field.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { PreparePanel } from '#features/operations/prepare-panel.tsx'
import { TargetField } from '#features/operations/target-field.tsx'
import type { UploadedFile } from '#features/operations/upload-file.ts'

const LEAST_REASON = 3
const WHERE = [
  { id: 'destination', label: 'One destination' },
  { id: 'origin', label: 'Origin of each line' },
] as const

/** A whole number within bounds, or null. */
function parseFigure(text: string, least: number, most: number): number | null {
  const figure = Number(text)
  return text.trim() !== '' && Number.isFinite(figure) && figure >= least && figure <= most ? figure : null
}

/** A file of messages into a destination: chosen, planned, watched and recorded like a redrive. */
export function ImportPanel({ onClose }: { readonly onClose: () => void }) {
  const router = useRouter()
  const [file, setFile] = useState<UploadedFile | null>(null)
  const [operationId, setOperationId] = useState<string | null>(null)
  return (
    <PreparePanel
      title="Import messages"
      subtitle="from a file of JSON Lines"
      operationId={operationId}
      onClose={onClose}
      onStarted={(id) => router.push(operationPath(id))}
      onAgain={() => setOperationId(null)}
    >
      <ImportFileField file={file} onFile={setFile} />
      <ImportForm file={file} onPlanned={setOperationId} />
    </PreparePanel>
  )
}

interface ImportFormProps {
  readonly file: UploadedFile | null
  readonly onPlanned: (operationId: string) => void
}

/** Where to, how fast, how many first, and why. */
function ImportForm({ file, onPlanned }: ImportFormProps) {
  const trpc = useTRPC()
  const clusters = useQuery(trpc.cluster.list.queryOptions())
  const plan = useMutation(
    trpc.operation.planImport.mutationOptions({ onSuccess: (answer) => onPlanned(answer.operationId) }),
  )
  /** One key per wish, so that a double press is one operation; a changed wish gets another. */
  const asked = useRef<{ readonly wish: string; readonly key: string } | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [where, setWhere] = useState('destination')
  const [target, setTarget] = useState('')
  const [rate, setRate] = useState('10')
  const [canary, setCanary] = useState('10')
  const [reason, setReason] = useState('')
  const known = clusters.data?.clusters ?? []
  const clusterId = chosen ?? known[0]?.id ?? ''
  const ratePerSecond = parseFigure(rate, 0.1, 100_000)
  const canarySize = parseFigure(canary, 0, 1_000)
  const isOrigin = where === 'origin'
  const isComplete =
    file !== null &&
    clusterId !== '' &&
    (isOrigin || target.trim() !== '') &&
    ratePerSecond !== null &&
    canarySize !== null &&
    reason.trim().length >= LEAST_REASON
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    const wish = {
      importId: file.importId,
      clusterId,
      target: isOrigin ? null : target.trim(),
      ratePerSecond,
      canarySize: Math.round(canarySize),
      reason: reason.trim(),
    }
    const text = JSON.stringify(wish)
    if (asked.current?.wish !== text) asked.current = { wish: text, key: newRequestKey() }
    plan.mutate({ ...wish, requestKey: asked.current.key })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2.5">
      {known.length > 1 && (
        <div>
          <div className="mb-1 text-sm text-ink-2">Cluster</div>
          <FilterChips
            label="Cluster"
            chips={known.map(({ id, name }) => ({ id, label: name }))}
            value={clusterId}
            onChange={setChosen}
          />
        </div>
      )}
      <div>
        <div className="mb-1 text-sm text-ink-2">To</div>
        <FilterChips label="To" chips={WHERE} value={where} onChange={setWhere} />
      </div>
      {isOrigin ? (
        <p className="text-sm text-ink-3">
          Each message goes where its line says that it came from; lines that do not say are left out.
        </p>
      ) : (
        <TargetField clusterId={clusterId} value={target} onChange={setTarget} hint="All messages go there." />
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Rate cap, messages per second"
          inputMode="decimal"
          value={rate}
          hint={
            ratePerSecond === null || file === null
              ? undefined
              : `about ${formatDuration((file.messageCount / ratePerSecond) * 1000)}`
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
      <TextAreaField
        label="Reason"
        value={reason}
        placeholder="Where the file comes from, and why it is sent"
        hint="Stays on the record, beside your name."
        onChange={(event) => setReason(event.target.value)}
      />
      {plan.error !== null && <FailureNote error={plan.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" kind="primary" isBusy={plan.isPending} disabled={!isComplete}>
          {plan.isPending ? 'Planning…' : 'Plan it'}
        </Button>
        <span className="text-sm text-ink-3">Planning sends nothing.</span>
      </div>
    </form>
  )
}
