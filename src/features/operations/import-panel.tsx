'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { ImportFileField } from '#features/operations/import-file-field.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import {
  isReason,
  PaceFields,
  parseCanary,
  parseRate,
  PlanButton,
  ReasonField,
} from '#features/operations/plan-fields.tsx'
import { PreparePanel } from '#features/operations/prepare-panel.tsx'
import { useRequestKey } from '#features/operations/use-request-key.ts'
import { TargetField } from '#features/operations/target-field.tsx'
import type { UploadedFile } from '#features/operations/upload-file.ts'

const WHERE = [
  { id: 'destination', label: 'One destination' },
  { id: 'origin', label: 'Origin of each line' },
] as const

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
  const keyOf = useRequestKey()
  const [chosen, setChosen] = useState<string | null>(null)
  const [where, setWhere] = useState('destination')
  const [target, setTarget] = useState('')
  const [rate, setRate] = useState('10')
  const [canary, setCanary] = useState('10')
  const [reason, setReason] = useState('')
  const known = clusters.data?.clusters ?? []
  const clusterId = chosen ?? known[0]?.id ?? ''
  const ratePerSecond = parseRate(rate)
  const canarySize = parseCanary(canary)
  const isOrigin = where === 'origin'
  const isComplete =
    file !== null &&
    clusterId !== '' &&
    (isOrigin || target.trim() !== '') &&
    ratePerSecond !== null &&
    canarySize !== null &&
    isReason(reason)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isComplete) return
    const wish = {
      importId: file.importId,
      clusterId,
      target: isOrigin ? null : target.trim(),
      ratePerSecond,
      canarySize,
      reason: reason.trim(),
    }
    plan.mutate({ ...wish, requestKey: keyOf(wish) })
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
      <PaceFields
        rate={rate}
        canary={canary}
        rateHint={
          ratePerSecond === null || file === null
            ? undefined
            : `about ${formatDuration((file.messageCount / ratePerSecond) * 1000)}`
        }
        onRate={setRate}
        onCanary={setCanary}
      />
      <ReasonField reason={reason} placeholder="Where the file comes from, and why it is sent" onReason={setReason} />
      {plan.error !== null && <FailureNote error={plan.error} />}
      <PlanButton isBusy={plan.isPending} isComplete={isComplete} note="Planning sends nothing." />
    </form>
  )
}
