'use client'
import type { FlowDeliveries, FlowDelivery } from '#domain/flow/flow.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { Sentence } from '#ui/sentence.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { deliveryWords } from '#features/flows/delivery-words.ts'

const COLUMNS: readonly ListColumn<FlowDelivery>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    className: 'w-28 sm:w-44',
    cell: ({ kind }) => <StateMark tone={deliveryWords(kind).tone}>{deliveryWords(kind).word}</StateMark>,
  },
  {
    id: 'group',
    header: 'Group',
    className: 'sm:w-44',
    cell: ({ group, clusterId, destination }) => (
      <div className="wrap-anywhere-safe">
        <bdi>{clusterId === null ? group : <TextLink href={consumerPath(clusterId, group)}>{group}</TextLink>}</bdi>
        <div className="text-sm text-ink-3 sm:hidden">
          on <bdi>{destination}</bdi>
        </div>
      </div>
    ),
  },
  {
    id: 'destination',
    header: 'Message',
    className: 'hidden sm:table-cell',
    cell: ({ destination, senderService }) => (
      <>
        <bdi className="block wrap-anywhere-safe">{destination}</bdi>
        <div className="text-sm text-ink-3">
          from <bdi>{senderService ?? 'a sender that was not seen'}</bdi>
        </div>
      </>
    ),
  },
  {
    id: 'reason',
    header: 'Why',
    cell: ({ sentence, advice }) => (
      <div className="wrap-anywhere-safe">
        <Sentence text={sentence} />
        {advice !== null && (
          <div className="text-sm text-ink-3">
            <Sentence text={advice} />
          </div>
        )}
      </div>
    ),
  },
  {
    id: 'sent',
    header: 'Sent',
    isNumeric: true,
    className: 'hidden w-28 sm:table-cell',
    cell: ({ sentUs }) => (sentUs === null ? 'not seen' : <MomentText atMs={sentUs / 1000} />),
  },
]

const RANK: Readonly<Record<FlowDelivery['kind'], number>> = { 'not-seen': 0, waiting: 1, passed: 2, taken: 3 }

/** Messages that a group should have taken and was not seen taking; those that were taken stand below. */
export function FlowMissing({ deliveries: { deliveries, sentence } }: { readonly deliveries: FlowDeliveries }) {
  if (deliveries.length === 0) {
    return (
      <Card isFlush>
        <EmptyState title="Nobody is expected to take anything">
          No group is known on the destinations of this flow, neither by a broker nor from spans of the last hour.
        </EmptyState>
      </Card>
    )
  }
  const rows = deliveries.toSorted((one, other) => RANK[one.kind] - RANK[other.kind])
  const isComplete = rows[0]?.kind === 'taken'
  return (
    <>
      <div className="mb-2">
        <Note tone={isComplete ? 'ok' : 'warn'}>
          {isComplete ? 'Nothing is missing: ' : ''}
          {sentence !== null && <Sentence text={sentence} />}.
        </Note>
      </div>
      <Card isFlush>
        <ListTable label="Expected deliveries" columns={COLUMNS} rows={rows} rowId={({ id }) => id} />
      </Card>
    </>
  )
}
