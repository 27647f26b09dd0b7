'use client'
import type { EditStep } from '#domain/edit/edit-step.ts'
import { Card } from '#ui/card.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatRate } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'

function describeStep(step: EditStep): string {
  const place = `${step.part === 'header' ? 'header ' : ''}${step.at}`
  if (step.act === 'set') return `set ${place} = ${step.value}`
  return step.act === 'rename' ? `rename ${place} to ${step.to}` : `remove ${place}`
}

const TARGET_WORDS: Readonly<Record<OperationDetail['targetKind'], string>> = {
  origin: 'each message’s origin',
  retry: 'the retry destination of the group that failed',
  destination: 'one destination',
}

const STATE_TONES: Partial<Readonly<Record<OperationDetail['state'], 'bad' | 'warn'>>> = {
  failed: 'bad',
  paused: 'warn',
  partial: 'warn',
}

/** Who asked for it, within which limits, and why it is in its state. */
export function OperationFacts({ operation }: { readonly operation: OperationDetail }) {
  const tone = STATE_TONES[operation.state] ?? 'unknown'
  return (
    <Card title="Facts">
      {operation.stateReason !== null && (
        <div className="mb-3">
          <Note tone={tone} title="Why it is in this state">
            {operation.stateReason}
          </Note>
        </div>
      )}
      <FactList>
        <Fact name="Asked by">
          {operation.createdByName}, <MomentText atMs={operation.createdAtMs} />
        </Fact>
        <Fact name="Reason">“{operation.reason}”</Fact>
        <Fact name="From">
          {operation.source} <span className="text-ink-3">on {operation.clusterId}</span>
        </Fact>
        {operation.kind !== 'discard' && (
          <Fact name="To">{operation.target ?? TARGET_WORDS[operation.targetKind]}</Fact>
        )}
        {operation.edit !== null && (
          <Fact name="Edit">
            <ul className="font-mono text-sm">
              {operation.edit.map((step) => (
                <li key={JSON.stringify(step)} className="wrap-anywhere-safe">
                  {describeStep(step)}
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="Cap">{formatRate(operation.ratePerSecond)}</Fact>
        {operation.kind !== 'discard' && (
          <Fact name="Canary">{operation.canarySize === 0 ? 'none' : `${operation.canarySize} messages first`}</Fact>
        )}
        {operation.startedAtMs !== null && (
          <Fact name="Started">
            <MomentText atMs={operation.startedAtMs} />
          </Fact>
        )}
        {operation.finishedAtMs !== null && (
          <Fact name="Over">
            <MomentText atMs={operation.finishedAtMs} />
          </Fact>
        )}
        {operation.manifestHash !== null && (
          <Fact name="Manifest">
            <span className="font-mono text-sm" title={operation.manifestHash}>
              {operation.manifestHash.slice(0, 8)}…{operation.manifestHash.slice(-4)}
            </span>
          </Fact>
        )}
      </FactList>
    </Card>
  )
}
