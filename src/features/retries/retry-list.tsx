'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatPlural, formatShare } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { REPEATED_COLUMNS } from '#features/retries/repeated-columns.tsx'
import type { Retries } from '#features/retries/retry-words.ts'
import { takerColumns } from '#features/retries/taker-columns.tsx'

const SPANS = ['5m', '15m', '1h'] as const
const SPAN_MS = { '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const
const CHIPS = SPANS.map((id) => ({ id, label: id.replace('m', ' min').replace('h', ' h') }))

/** How often messages are worked on, which ones more than once, and whether that took effect twice. */
export function RetryList() {
  const trpc = useTRPC()
  const [view, setView] = useQueryStates({
    on: parseAsString,
    last: parseAsStringLiteral(SPANS).withDefault('15m'),
  })
  const answer = useQuery({
    ...trpc.retry.list.queryOptions({ windowMs: SPAN_MS[view.last], destination: view.on }),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterChips
          label="Length of the window"
          chips={CHIPS}
          value={view.last}
          onChange={(id) => void setView({ last: SPANS.find((one) => one === id) ?? null })}
        />
        {view.on !== null && (
          <Button
            onClick={() => void setView({ on: null })}
            aria-label="Show all destinations again"
            icon={<X size={12} aria-hidden="true" />}
          >
            Destination: {view.on}
          </Button>
        )}
      </div>
      <Fetched
        query={answer}
        skeleton={
          <Card isFlush title="Attempts">
            <SkeletonRows count={8} label="the attempts" />
          </Card>
        }
      >
        {(found) => <Attempts answer={found} />}
      </Fetched>
    </>
  )
}

function Attempts({ answer }: { readonly answer: Retries }) {
  const columns = useMemo(() => takerColumns(answer), [answer])
  if (answer.takers.length === 0)
    return (
      <Card>
        <EmptyState title="Nobody took a message in this time">
          Attempts are read off the spans of those who take messages.
        </EmptyState>
      </Card>
    )
  return (
    <div className="flex flex-col gap-3">
      {answer.isShortened && (
        <Note tone="unknown">
          There are too many deliveries to look at all: only the last {formatDuration(answer.toMs - answer.fromMs)} are.
        </Note>
      )}
      <Card isFlush title="Attempts" note="1.00× means that every message was worked on once">
        <ListTable
          label="Attempts per message by destination and service"
          columns={columns}
          rows={answer.takers}
          rowId={({ destination, service, consumerGroup }) => `${destination}/${service}/${consumerGroup ?? ''}`}
        />
      </Card>
      <Card
        isFlush
        title="Worked on more than once"
        note={answer.omittedCount > 0 && `and ${formatPlural(answer.omittedCount, 'more message')}`}
      >
        {answer.repeated.length === 0 ? (
          <EmptyState title="No message ran twice">
            Messages stand here that one service worked on again, with what each run sent and called.
          </EmptyState>
        ) : (
          <ListTable
            label="Messages that were worked on more than once"
            columns={REPEATED_COLUMNS}
            rows={answer.repeated}
            rowId={({ id }) => id}
          />
        )}
      </Card>
      {answer.hotKeys.length > 0 && <HotKeys hotKeys={answer.hotKeys} />}
    </div>
  )
}

function HotKeys({ hotKeys }: Pick<Retries, 'hotKeys'>) {
  return (
    <Card title="Hot keys" note="keys that a tenth or more of a destination's messages have">
      <ul className="flex flex-col gap-1.5">
        {hotKeys.map(({ destination, key, messageCount, share }) => (
          <li key={`${destination}/${key}`} className="flex flex-wrap gap-x-3">
            <span className="font-mono text-sm wrap-anywhere-safe">{key}</span>
            <span className="text-ink-3">
              on {destination}: {formatShare(share)}, {formatCount(messageCount)} messages
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
