'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SpanRef } from '#domain/flow/flow.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { CodeBox } from '#ui/code-box.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClockMs } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ExceptionBox } from '#features/dead-letters/exception-box.tsx'
import { Fetched } from '#features/failure/fetched.tsx'

type Detail = RouterOutputs['flow']['span']

interface SpanFactsProps {
  readonly span: SpanRef
  /** Stands between the facts and the attributes: what one may do, and what belongs to it. */
  readonly children: ReactNode
}

/** Everything the sender said about one span. */
export function SpanFacts({ span, children }: SpanFactsProps) {
  const trpc = useTRPC()
  const detail = useQuery({
    ...trpc.flow.span.queryOptions({ traceId: span.traceId, spanId: span.spanId }),
    staleTime: 60_000,
  })
  return (
    <Fetched query={detail} skeleton={<SkeletonRows count={6} label="the span" />}>
      {(found) => <SpanDetailView detail={found}>{children}</SpanDetailView>}
    </Fetched>
  )
}

export function SpanDetailView({ detail, children }: { readonly detail: Detail; readonly children: ReactNode }) {
  const { span } = detail
  return (
    <div className="flex flex-col gap-4">
      {span.exception !== null && (
        <ExceptionBox
          exceptionClass={span.exception.type}
          message={span.exception.message}
          stack={span.exception.stack}
        />
      )}
      <FactList>
        <Fact name="Service">
          {span.service} {span.serviceVersion !== null && <span className="text-ink-3">{span.serviceVersion}</span>}
        </Fact>
        <Fact name="Kind">{span.kind}</Fact>
        <Fact name="Began">
          {formatClockMs(span.startUs / 1000)}{' '}
          <span className="text-ink-3">took {formatDurationUs(span.durationUs)}</span>
        </Fact>
        <Fact name="Status">
          {span.status}
          {span.statusMessage !== null && span.statusMessage !== '' && `: ${span.statusMessage}`}
        </Fact>
        <Fact name="Trace">
          <span className="flex items-center gap-1">
            <span className="font-mono text-sm">{span.traceId}</span>
            <CopyButton text={span.traceId} label="Copy the trace id" isIconOnly />
          </span>
        </Fact>
        <Fact name="Span">
          <span className="font-mono text-sm">{span.spanId}</span>
        </Fact>
        {span.links.length > 0 && (
          <Fact name="Links">
            {span.links.slice(0, MOST_LINKS).map((link, at) => (
              <div key={`${link.traceId} ${link.spanId} ${at}`} className="font-mono text-sm">
                {link.traceId.slice(0, 8)}…/{link.spanId}
              </div>
            ))}
            {span.links.length > MOST_LINKS && (
              <div className="text-ink-3">and {formatCount(span.links.length - MOST_LINKS)} more</div>
            )}
            {span.droppedLinkCount > 0 && (
              <div className="text-ink-3">{span.droppedLinkCount} more were dropped by the sender</div>
            )}
          </Fact>
        )}
      </FactList>
      {children}
      <Bag title="Attributes" bag={detail.attributes} />
      <Bag title="Resource" bag={detail.resource} />
      {detail.events.map((event, at) => (
        <Bag
          key={`${event.atUs} ${event.name} ${at}`}
          title={`${event.name} at ${formatClockMs(event.atUs / 1000)}`}
          bag={event.attributes}
        />
      ))}
    </div>
  )
}

const LONG = 240
/** A batch may link to a thousand messages. */
const MOST_LINKS = 50

function printValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Names and values as they were sent. */
function Bag({ title, bag }: { readonly title: string; readonly bag: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(bag).toSorted(([a], [b]) => a.localeCompare(b))
  if (entries.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold wrap-anywhere-safe">{title}</h3>
      <FactList isWide>
        {entries.map(([name, value]) => {
          const text = printValue(value)
          return (
            <Fact key={name} name={name}>
              {text.length > LONG ? (
                <CodeBox label={name} text={text} className="max-h-40" />
              ) : (
                <span className="font-mono text-sm">{text}</span>
              )}
            </Fact>
          )
        })}
      </FactList>
    </section>
  )
}
