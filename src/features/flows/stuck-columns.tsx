'use client'
import Link from 'next/link'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { buttonClass } from '#ui/button-class.ts'
import { BreakableName } from '#ui/breakable-name.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { deliveryWords } from '#features/flows/delivery-words.ts'
import { ExpectedTimeButton } from '#features/consumers/expected-time-button.tsx'
import { flowPath } from '#features/flows/flow-path.ts'

export type StuckRow = RouterOutputs['flow']['stuck']['deliveries'][number]

export const STUCK_COLUMNS: readonly ListColumn<StuckRow>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    className: 'w-28 sm:w-44',
    cell: ({ verdict }) => <StateMark tone={deliveryWords(verdict).tone}>{deliveryWords(verdict).word}</StateMark>,
  },
  {
    id: 'flow',
    header: 'Flow',
    cell: ({ flowKey, isCounted, messageCount, sentence }) => (
      <div className="min-w-32 wrap-anywhere-safe">
        {isCounted ? (
          <b>{formatPlural(messageCount, 'more message')}</b>
        ) : (
          <TextLink href={`${flowPath(flowKey)}?tab=missing`} isMono>
            {flowKey}
          </TextLink>
        )}
        <div className="text-sm text-ink-2">{sentence}</div>
      </div>
    ),
  },
  {
    id: 'destination',
    header: 'Message',
    className: 'hidden w-44 md:table-cell',
    cell: ({ destination, senderService }) => (
      <>
        <div>
          <BreakableName name={destination} />
        </div>
        <div className="text-sm text-ink-3">from {senderService}</div>
      </>
    ),
  },
  {
    id: 'group',
    header: 'Held by',
    className: 'w-28 sm:w-40',
    cell: ({ group, clusterId, expectedMs, readFrom }) => (
      <>
        <div>
          {clusterId === null ? (
            <BreakableName name={group} />
          ) : (
            <TextLink href={consumerPath(clusterId, group)}>
              <BreakableName name={group} />
            </TextLink>
          )}
        </div>
        <div className="text-sm text-ink-3">
          <ExpectedTimeButton
            destination={readFrom}
            group={group}
            inForceMs={expectedMs}
            text={`expected in ${formatDuration(expectedMs)}`}
          />
        </div>
      </>
    ),
  },
  {
    id: 'since',
    header: 'Since',
    isNumeric: true,
    className: 'hidden w-28 sm:table-cell',
    cell: ({ sentAtMs }) => <MomentText atMs={sentAtMs} />,
  },
  {
    id: 'remedy',
    header: 'Remedy',
    className: 'hidden w-36 text-right sm:table-cell',
    cell: ({ clusterId, group }) =>
      clusterId === null ? (
        <span className="text-sm text-ink-3">no broker connected</span>
      ) : (
        <Link href={consumerPath(clusterId, group)} prefetch={false} className={buttonClass('plain', 'small')}>
          Open consumer
        </Link>
      ),
  },
]
