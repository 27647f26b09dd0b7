'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { PauseKind } from '#domain/pause/pause-lease.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { parseDuration } from '#features/consumers/parse-duration.ts'
import { isListening, kindWords, lengthProblem, type PauseInfo, pricePause } from '#features/consumers/pause-says.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'

const LENGTHS = ['5m', '15m', '1h', '4h'] as const

interface PauseDialogProps {
  readonly consumer: ConsumerDetail
  readonly info: PauseInfo
  readonly onClose: () => void
}

/** How long, how and why; what it will cost stands there before anything is asked. */
export function PauseDialog({ consumer, info, onClose }: PauseDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [kind, setKind] = useState<PauseKind>(info.kinds[0]?.kind ?? 'cooperative')
  const [text, setText] = useState('15m')
  const [reason, setReason] = useState('')
  const start = useMutation(
    trpc.pause.start.mutationOptions({
      onSuccess: async () => {
        onClose()
        await queryClient.invalidateQueries({ queryKey: trpc.pause.pathKey() })
      },
    }),
  )
  const problem = lengthProblem(text)
  const forMs = parseDuration(text)
  const listeningCount = info.members.filter((member) => isListening(info, member)).length
  const isReady = problem === null && reason.trim() !== '' && (kind !== 'cooperative' || listeningCount > 0)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isReady || forMs === null) return
    start.mutate({ clusterId: consumer.clusterId, group: consumer.group, kind, forMs, reason: reason.trim() })
  }
  return (
    <Dialog isOpen onClose={onClose} title={`Pause ${consumer.group}`}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        {info.kinds.length > 1 && (
          <FilterChips
            label="How"
            chips={info.kinds.map((one) => ({ id: one.kind, label: kindWords(one.kind).choice }))}
            value={kind}
            onChange={(id) => setKind(info.kinds.find((one) => one.kind === id)?.kind ?? kind)}
          />
        )}
        <p className="text-ink-2">{info.kinds.find((one) => one.kind === kind)?.explanation}</p>
        {kind === 'cooperative' && (
          <WhoListens listeningCount={listeningCount} connectedCount={consumer.inventory?.members?.length ?? null} />
        )}
        <TextField
          label="For"
          value={text}
          problem={problem}
          hint="Then it resumes by itself; at most a day, and it can be extended."
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <FilterChips
          label="Common lengths"
          chips={LENGTHS.map((id) => ({ id, label: id }))}
          value={text}
          onChange={setText}
        />
        {forMs !== null && problem === null && (
          <Price consumer={consumer} forMs={forMs} isSlowed={kind === 'throttle'} />
        )}
        <TextAreaField
          label="Reason"
          value={reason}
          hint="Stays on the record, beside your name."
          onChange={(event) => setReason(event.target.value)}
        />
        {start.error !== null && <FailureNote error={start.error} />}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="primary" disabled={!isReady} isBusy={start.isPending}>
            {kindWords(kind).act}
          </Button>
          <Button kind="bare" onClick={onClose}>
            Leave it running
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Price({ consumer, forMs, isSlowed }: { consumer: ConsumerDetail; forMs: number; isSlowed: boolean }) {
  const { isLoss, sentences } = pricePause(consumer.lanes, forMs)
  return (
    <Note tone={isLoss ? 'bad' : 'unknown'} title={isSlowed ? 'What it costs, at worst' : 'What it costs'}>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </Note>
  )
}

interface WhoListensProps {
  readonly listeningCount: number
  /** null = the broker does not say. */
  readonly connectedCount: number | null
}

/** Who can be asked at all; where nobody can, what to do instead. */
function WhoListens({ listeningCount, connectedCount }: WhoListensProps) {
  if (listeningCount === 0) {
    return (
      <Note tone="warn" title="Nobody can be asked">
        No consumer of this group listens on the control channel. Two lines make one listen
        (docs/operating/consumer-control.md). Until then stop its workload: on Kubernetes scale it to 0, or with KEDA
        set the annotation <code className="font-mono text-sm">autoscaling.keda.sh/paused-replicas: &quot;0&quot;</code>
        .
      </Note>
    )
  }
  const deafCount = connectedCount === null ? 0 : Math.max(0, connectedCount - listeningCount)
  return deafCount === 0 ? (
    <p className="text-ink-2">{formatPlural(listeningCount, 'member')} listening; all will be asked.</p>
  ) : (
    <Note
      tone="warn"
      title={`${formatCount(deafCount)} of ${formatPlural(connectedCount ?? 0, 'member')} cannot be asked`}
    >
      They do not listen on the control channel and go on taking messages.
    </Note>
  )
}
