'use client'
import type { Flow, SpanRef, TimelineRow } from '#domain/flow/flow.ts'
import { SidePanel } from '#ui/side-panel.tsx'
import { FlowDeadLetterFacts } from '#features/flows/flow-dead-letter.tsx'
import { FlowOperationFacts } from '#features/flows/flow-operation.tsx'
import { HopFacts } from '#features/flows/hop-facts.tsx'
import { RelatedHops } from '#features/flows/related-hops.tsx'
import { SpanFacts } from '#features/flows/span-facts.tsx'

interface RowPanelProps {
  readonly flow: Flow
  readonly row: TimelineRow
  readonly onOpen: (rowId: string | null) => void
}

/** The details of one row of the timeline, whatever it is. */
export function RowPanel({ flow, row, onOpen }: RowPanelProps) {
  const letter = flow.deadLetters.find((candidate) => candidate.id === row.deadLetterId)
  const hop = flow.hops.find((candidate) => candidate.id === row.hopId)
  const item = flow.operationItems.find(
    (candidate) => candidate.operationId === row.operationId && candidate.sentUs === row.startUs,
  )
  const openSpan = (span: SpanRef) => {
    const target = flow.rows.find((one) => one.kind === 'span' && one.span?.spanId === span.spanId)
    if (target !== undefined) onOpen(target.id)
  }
  return (
    <SidePanel
      isOpen
      onClose={() => onOpen(null)}
      title={
        <>
          {row.service} <span className="font-normal text-ink-2">{row.label}</span>
        </>
      }
    >
      <div key={row.id} className="flex flex-col gap-4">
        {letter !== undefined && <FlowDeadLetterFacts letter={letter} />}
        {row.kind === 'operation' && <OperationFacts flow={flow} row={row} item={item} />}
        {hop !== undefined && row.kind !== 'span' && <HopFacts hop={hop} />}
        {row.span !== null && <RelatedHops flow={flow} span={row.span} onOpenSpan={openSpan} />}
        {row.span !== null && row.kind === 'span' && <SpanFacts span={row.span} />}
      </div>
    </SidePanel>
  )
}

interface OperationFactsProps {
  readonly flow: Flow
  readonly row: TimelineRow
  readonly item: Flow['operationItems'][number] | undefined
}

function OperationFacts({ flow, row, item }: OperationFactsProps) {
  const items = item === undefined ? flow.operationItems.filter((one) => one.operationId === row.operationId) : [item]
  return items.map((one) => <FlowOperationFacts key={`${one.traceId} ${one.spanId}`} item={one} />)
}
