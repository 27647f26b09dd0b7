'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useCallback } from 'react'
import type { FlowOpening } from '#domain/flow/flow-opening.ts'
import { type AnswerAhead, peekAhead, takeAhead } from '#trpc/answer-ahead.ts'
import { useTRPC, useTRPCClient } from '#trpc/use-trpc.ts'
import { buttonClass } from '#ui/button-class.ts'
import { CopyButton } from '#ui/copy-button.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClock } from '#ui/format/moment.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { NameList } from '#ui/name-list.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Sentence } from '#ui/sentence.tsx'
import { SectionSkeleton } from '#ui/section-skeleton.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { comparePath } from '#features/compare/compare-path.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { FlowTimeline } from '#features/flows/flow-timeline.tsx'
import { FlowDoubts } from '#features/flows/flow-doubts.tsx'
import { flowWords } from '#features/flows/flow-words.ts'
import { TimeShareBar } from '#features/flows/time-share-bar.tsx'

// The timeline is what the page opens with; the rest is fetched when it is asked for.
const FlowDeadLetters = dynamic(async () => (await import('#features/flows/flow-dead-letters.tsx')).FlowDeadLetters, {
  loading: SectionSkeleton,
})
const FlowGraph = dynamic(async () => (await import('#features/flows/flow-graph.tsx')).FlowGraph, {
  loading: SectionSkeleton,
})
const FlowOperations = dynamic(async () => (await import('#features/flows/flow-operations.tsx')).FlowOperations, {
  loading: SectionSkeleton,
})
const FlowMissing = dynamic(async () => (await import('#features/flows/flow-missing.tsx')).FlowMissing, {
  loading: SectionSkeleton,
})
const HopTable = dynamic(async () => (await import('#features/flows/hop-table.tsx')).HopTable, {
  loading: SectionSkeleton,
})
const RowPanel = dynamic(async () => (await import('#features/flows/row-panel.tsx')).RowPanel)
const SpanTable = dynamic(async () => (await import('#features/flows/span-table.tsx')).SpanTable, {
  loading: SectionSkeleton,
})

const TABS = ['timeline', 'graph', 'hops', 'spans', 'missing', 'dead-letters', 'operations'] as const

/** A flow is renewed while it is young or unfinished; an old one does not change any more. */
const YOUNG_US = 120_000_000

interface FlowPageProps {
  readonly flowKey: string
  /** The flow as the server read it while it wrote the page. */
  readonly ahead: AnswerAhead<FlowOpening>
}

/** Everything that happened to one correlation id. */
export function FlowPage({ flowKey, ahead }: FlowPageProps) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const flow = useQuery({
    ...trpc.flow.get.queryOptions({ flowKey }),
    queryFn: async () => (await takeAhead(ahead)) ?? (await client.flow.get.query({ flowKey })),
    initialData: () => peekAhead(ahead),
    refetchInterval: (query) => {
      const summary = query.state.data?.summary
      if (summary === undefined) return 5000
      if (query.state.data?.isWhole === false) return 1000
      const isYoung = Date.now() * 1000 - summary.endedUs < YOUNG_US
      return isYoung || summary.status === 'running' || summary.status === 'dead-lettered' ? 3000 : 30_000
    },
  })
  const words = flow.data === undefined ? null : flowWords(flow.data.summary.status)
  return (
    <>
      <PageHead
        trail={
          <>
            <TextLink href="/flows">Flows</TextLink> /
          </>
        }
        title={<bdi className="font-mono text-[17px]">{flowKey}</bdi>}
        mark={words && <StateMark tone={words.tone}>{words.word}</StateMark>}
        sentence={flow.data === undefined ? '\u00a0' : <FlowSentence flow={flow.data} />}
        actions={
          <>
            <CopyButton label="Copy id" text={flowKey} />
            <CopyButton label="Copy link" text={() => window.location.href} />
            <CompareLinks flowKey={flowKey} wasRedriven={(flow.data?.operationItems.length ?? 0) > 0} />
            {flow.data !== undefined && (
              <a
                href={`/api/flows/${encodeURIComponent(flowKey)}/download`}
                download
                className={buttonClass('plain', 'small')}
              >
                <Download size={12} aria-hidden="true" /> Download JSON
              </a>
            )}
          </>
        }
      />
      <Fetched query={flow} skeleton={<SkeletonRows count={12} label="the flow" />}>
        {(found) => <FlowBody asked={flowKey} flow={found} />}
      </Fetched>
    </>
  )
}

interface CompareLinksProps {
  readonly flowKey: string
  readonly wasRedriven: boolean
}

function CompareLinks({ flowKey, wasRedriven }: CompareLinksProps) {
  const before = { kind: 'before', flowKey } as const
  return (
    <>
      <Link
        href={comparePath({ kind: 'flow', flowKey }, null)}
        prefetch={false}
        className={buttonClass('plain', 'small')}
      >
        Compare with…
      </Link>
      {wasRedriven && (
        <Link
          href={comparePath(before, { kind: 'after', flowKey })}
          prefetch={false}
          className={buttonClass('plain', 'small')}
        >
          Before and after the redrive
        </Link>
      )}
    </>
  )
}

function FlowSentence({ flow }: { readonly flow: FlowOpening }) {
  const { summary } = flow
  return (
    <>
      {formatPlural(flow.serviceCount, 'service')} · {formatPlural(summary.hopCount, 'hop')}
      {summary.destinations.length > 0 && (
        <>
          {' over '}
          <NameList names={summary.destinations.slice(0, MOST_NAMED)} />
          {flow.destinationCount > MOST_NAMED && ` and ${flow.destinationCount - MOST_NAMED} more`}
        </>
      )}{' '}
      · {formatPlural(summary.traceCount, 'trace')} joined · {formatPlural(summary.spanCount, 'span')} ·{' '}
      <b className="text-ink">{formatDurationUs(summary.endedUs - summary.startedUs)}</b> end to end ·{' '}
      {formatClock(summary.startedUs / 1000)} → {formatClock(summary.endedUs / 1000)}
      {flow.deliveries.sentence !== null && (
        <>
          {' · '}
          <Sentence text={flow.deliveries.sentence} />
        </>
      )}
      {flow.names.length > 0 && (
        <>
          {' · '}
          <Sentence text={sayNames(flow.names)} />
        </>
      )}
    </>
  )
}

/** `order-17 stands on no span, but in the record orders 2@5 (header correlation-id)`: where an id comes from. */
function sayNames(names: FlowOpening['names']): string {
  const said = names.slice(0, 3).map(({ id, destination, position, foundIn, joinedTraceCount }) => {
    const joins = joinedTraceCount === 0 ? '' : `, which alone joins ${formatPlural(joinedTraceCount, 'further trace')}`
    return `${id} stands on no span, but in the record ${destination} ${position} (${foundIn})${joins}`
  })
  const rest = names.length - said.length
  return `${said.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Destinations that a sentence names; the timeline has all. */
const MOST_NAMED = 6

interface FlowBodyProps {
  readonly asked: string
  readonly flow: FlowOpening
}

function FlowBody({ asked, flow }: FlowBodyProps) {
  const trpc = useTRPC()
  const [view, setView] = useQueryStates({
    tab: parseAsStringLiteral(TABS).withDefault('timeline'),
    row: parseAsString,
  })
  const open = useCallback((row: string | null) => void setView({ row }), [setView])
  const detail = useQuery({
    ...trpc.flow.row.queryOptions({ flowKey: asked, rowId: view.row ?? '-' }),
    enabled: view.row !== null,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  const openIndex = view.row !== null && detail.data?.row.id === view.row ? detail.data.index : null
  return (
    <>
      <TimeShareBar flow={flow} />
      <FlowDoubts flow={flow} />
      <Tabs
        label="Views of the flow"
        value={view.tab}
        onChange={(next) => void setView({ tab: TABS.find((tab) => tab === next) ?? null })}
        entries={[
          {
            id: 'timeline',
            label: 'Timeline',
            content: <FlowTimeline asked={asked} flow={flow} openId={view.row} openIndex={openIndex} onOpen={open} />,
          },
          {
            id: 'graph',
            label: 'Message graph',
            content: <FlowGraph asked={asked} openRowId={view.row} onOpen={open} />,
          },
          {
            id: 'hops',
            label: 'Hops',
            count: formatCount(flow.hopCount),
            content: <HopTable asked={asked} onOpen={open} />,
          },
          {
            id: 'spans',
            label: 'Spans',
            count: formatCount(flow.spanRowCount),
            content: <SpanTable asked={asked} openId={view.row} onOpen={open} />,
          },
          {
            id: 'missing',
            label: 'Missing',
            count: flow.missingCount,
            content: <FlowMissing deliveries={flow.deliveries} />,
          },
          {
            id: 'dead-letters',
            label: 'Dead letters',
            count: flow.deadLetters.length,
            content: <FlowDeadLetters letters={flow.deadLetters} />,
          },
          {
            id: 'operations',
            label: 'Operations',
            count: flow.operationItems.length,
            content: <FlowOperations items={flow.operationItems} />,
          },
        ]}
      />
      {view.row !== null && <RowPanel asked={asked} detail={detail} onOpen={open} />}
    </>
  )
}
