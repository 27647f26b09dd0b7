'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { SidePanel } from '#ui/side-panel.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { PayloadView } from '#features/dead-letters/payload-view.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { FlowDeadLetterFacts } from '#features/flows/flow-dead-letter.tsx'
import { FlowOperationFacts } from '#features/flows/flow-operation.tsx'
import { hopWords } from '#features/flows/flow-words.ts'
import { HopFacts } from '#features/flows/hop-facts.tsx'
import { LiveMessage } from '#features/flows/live-message.tsx'
import { RelatedHops } from '#features/flows/related-hops.tsx'
import { RowActions } from '#features/flows/row-actions.tsx'
import { SpanFacts } from '#features/flows/span-facts.tsx'

type RowDetail = RouterOutputs['flow']['row']

interface RowPanelProps {
  readonly asked: string
  readonly detail: UseQueryResult<RowDetail, unknown>
  readonly onOpen: (rowId: string | null) => void
}

/** The details of one row of the timeline, whatever it is. */
export function RowPanel({ asked, detail, onOpen }: RowPanelProps) {
  const row = detail.data?.row
  const hop = detail.data?.hop ?? null
  const words = hop === null ? null : hopWords(hop.outcome)
  return (
    <SidePanel
      isOpen
      onClose={() => onOpen(null)}
      mark={words && <StateMark tone={words.tone}>{words.word}</StateMark>}
      title={
        row === undefined ? (
          'Loading…'
        ) : (
          <span className="line-clamp-3" title={`${row.service} ${row.label}`}>
            <bdi>{row.service}</bdi> <bdi className="font-normal text-ink-2">{row.label}</bdi>
          </span>
        )
      }
    >
      <Fetched query={detail} skeleton={<SkeletonRows count={8} label="the details" />}>
        {(found) => <RowFacts key={found.row.id} asked={asked} detail={found} onOpen={onOpen} />}
      </Fetched>
    </SidePanel>
  )
}

interface RowFactsProps {
  readonly asked: string
  readonly detail: RowDetail
  readonly onOpen: (rowId: string) => void
}

function RowFacts({ asked, detail, onOpen }: RowFactsProps) {
  const { row, hop, deadLetter, operationItems } = detail
  const beside = (
    <>
      <RowActions detail={detail} />
      {hop !== null && <LiveMessage asked={asked} hop={hop} />}
      <RelatedHops detail={detail} onOpen={onOpen} />
    </>
  )
  return (
    <div className="flex flex-col gap-4">
      {deadLetter !== null && <FlowDeadLetterFacts letter={deadLetter} />}
      {operationItems.map((item) => (
        <FlowOperationFacts key={`${item.traceId} ${item.spanId}`} item={item} />
      ))}
      {hop !== null && row.kind !== 'span' && <HopFacts hop={hop} />}
      {row.span !== null && row.kind === 'span' ? <SpanFacts span={row.span}>{beside}</SpanFacts> : beside}
      {deadLetter !== null && (
        <section aria-label="Message">
          <h3 className="mb-1.5 font-semibold">Message</h3>
          <PayloadView id={deadLetter.id} />
        </section>
      )}
    </div>
  )
}
