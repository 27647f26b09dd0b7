'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { useOpenRow } from '#ui/table/use-open-row.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { useMay } from '#features/session/person-context.ts'
import { RulePanel } from '#features/settings/rule-panel.tsx'

export type Rule = RouterOutputs['correlation']['rules']['rules'][number]

const COLUMNS: readonly ListColumn<Rule>[] = [
  {
    id: 'destination',
    header: 'Messages of',
    className: 'w-2/5',
    cell: ({ destination, system }) => (
      <div className="wrap-anywhere-safe">
        <span className="font-mono text-sm">{destination}</span>
        <div className="text-sm text-ink-3">{system ?? 'any system'}</div>
      </div>
    ),
  },
  {
    id: 'names',
    header: 'Correlation id from',
    cell: ({ names }) =>
      names.length === 0 ? (
        <span className="text-ink-2">nothing: what stands there is no id of a flow</span>
      ) : (
        <ol className="flex flex-wrap gap-x-1.5 gap-y-1">
          {names.map((name, index) => (
            <li key={name} className="wrap-anywhere-safe">
              {index > 0 && <span className="text-ink-3">else </span>}
              <span className="font-mono text-sm">{name}</span>
            </li>
          ))}
        </ol>
      ),
  },
  {
    id: 'changed',
    header: 'Changed',
    isNumeric: true,
    className: 'hidden w-40 @2xl:table-cell',
    cell: ({ changedAtMs, changedByName }) => (
      <>
        <MomentText atMs={changedAtMs} />
        <div className="text-sm text-ink-3">by {changedByName}</div>
      </>
    ),
  },
]

const NEW = 'new'
const NO_RULE =
  'A rule is needed where the id of an order stands in an attribute or header that nobody else knows, or where a well-known one holds something that is not the id of a flow.'

/** Where this installation's messages carry the id of their flow, where that differs from the conventions. */
export function CorrelationSettings() {
  const trpc = useTRPC()
  const mayChange = useMay('setting:manage')
  const details = useOpenRow('rule')
  const list = useQuery({
    ...trpc.correlation.rules.queryOptions(),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  const opened = list.data?.rules.find(({ id }) => id === details.openId)
  const add = mayChange && (
    <Button size="small" kind="primary" icon={<Plus size={12} aria-hidden="true" />} onClick={() => details.open(NEW)}>
      New rule
    </Button>
  )
  return (
    <div className="flex flex-col gap-3">
      {details.openId !== null && details.openId !== NEW && list.data !== undefined && opened === undefined && (
        <Note tone="unknown" title="There is no such rule">
          It has been removed since the link was made. The audit log has what it said.
        </Note>
      )}
      <FetchedList
        query={list}
        rowsOf={({ rules }) => rules}
        title="Correlation rules"
        note={add}
        label="Correlation rules, the most specific first"
        expected={4}
        empty={{ title: 'No rules: the conventions decide', text: NO_RULE }}
        columns={COLUMNS}
        rowId={({ id }) => id}
        details={details}
      />
      <Card title="How a message gets its correlation id">
        <ol className="ml-4 flex max-w-[90ch] list-decimal flex-col gap-1 text-ink-2">
          <li>
            From the most specific rule for its destination: a full name goes before a pattern, a longer pattern before
            a shorter one, a named system before any.
          </li>
          <li>
            Without one, or where the rule finds nothing: the conversation id, captured headers such as{' '}
            <code className="font-mono text-sm">x-correlation-id</code>, CloudEvents, baggage, the headers of
            frameworks, agent conversations, business keys.
          </li>
          <li>Without any of these: the trace, and what its messages are linked to.</li>
        </ol>
        <p className="mt-2 max-w-[90ch] text-ink-2">
          Values that programs write when they have no id (
          <code className="font-mono text-sm">null, 0, 00000000-0000-…</code>) are refused everywhere. A rule takes
          effect within seconds, for what comes in from then on; what is stored keeps its ids.
        </p>
      </Card>
      {(opened !== undefined || (details.openId === NEW && mayChange)) && (
        <RulePanel key={details.openId} rule={opened ?? null} onClose={details.close} />
      )}
    </div>
  )
}
