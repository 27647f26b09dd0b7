'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { TimeBars } from '#ui/charts/time-bars.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatBytes, formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { SizeExpiryWords } from '#features/dead-letters/size-expiry-words.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { flowPath } from '#features/flows/flow-path.ts'

type Facts = RouterOutputs['deadLetter']['groupFacts']

const HOUR_MS = 3_600_000
const WINDOWS = [
  { id: '1h', label: '1 h', ms: HOUR_MS },
  { id: '1d', label: '24 h', ms: 24 * HOUR_MS },
  { id: '14d', label: '14 d', ms: 14 * 24 * HOUR_MS },
] as const

/** When the letters of a failure group died, who was seen failing on them, and how long they are kept. */
export function GroupFacts({ fingerprint }: { readonly fingerprint: string }) {
  const trpc = useTRPC()
  const [window, setWindow] = useState<(typeof WINDOWS)[number]>(WINDOWS[1])
  const facts = useQuery({
    ...trpc.deadLetter.groupFacts.queryOptions({ fingerprint, windowMs: window.ms }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-label="Facts of the failure group" className="mt-5">
      <Card>
        <Fetched query={facts} skeleton={<SkeletonRows count={4} label="facts of the failure group" />}>
          {(found) => (
            <div className="grid gap-x-8 gap-y-4 lg:grid-cols-2">
              <div>
                <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
                  <h3 className="font-semibold">Arrivals</h3>
                  <FilterChips
                    label="Time"
                    chips={WINDOWS}
                    value={window.id}
                    onChange={(id) => setWindow(WINDOWS.find((one) => one.id === id) ?? WINDOWS[1])}
                  />
                </div>
                <TimeBars
                  label={`Deaths in the last ${window.label}`}
                  unit="death"
                  bars={found.arrivals.map(({ atMs, count, openCount }) => ({ atMs, count, badCount: openCount }))}
                  fromMs={found.fromMs}
                  toMs={found.toMs}
                  stepMs={found.stepMs}
                />
              </div>
              <FactList>
                <Fact name="First seen">
                  <MomentText atMs={found.firstAtMs} />
                </Fact>
                <Fact name="Last seen">
                  <MomentText atMs={found.lastAtMs} /> · {formatPlural(found.count, 'death')} in all
                </Fact>
                <Fact name="Versions failing">
                  <Versions witnesses={found.witnesses} />
                </Fact>
                {found.witnesses.takenCount > 0 && (
                  <Fact name="Reason">
                    <TakenReason witnesses={found.witnesses} />
                  </Fact>
                )}
                <Fact name="Kept">
                  <Places places={found.places} />
                </Fact>
              </FactList>
            </div>
          )}
        </Fetched>
      </Card>
    </section>
  )
}

function Versions({ witnesses }: { readonly witnesses: Facts['witnesses'] }) {
  const { versions, soughtCount, foundCount, waitingCount } = witnesses
  return (
    <>
      {versions.length === 0 && (
        <span className="text-ink-2">
          {waitingCount > 0 ? 'not known yet: spans are looked for' : 'not known: no span of a failure has come'}
        </span>
      )}
      <ul>
        {versions.map(({ service, version, isByHeader, count, firstAtMs, lastAtMs }) => (
          <li key={`${service} ${version}`}>
            <span className="font-mono text-sm">
              {service ?? 'by header'} {version ?? 'without a version'}
            </span>{' '}
            <span className="text-ink-3">
              {formatCount(count)}
              {isByHeader && service !== null ? ' by header' : ''}, <MomentText atMs={firstAtMs} />
              {lastAtMs > firstAtMs && (
                <>
                  {' to '}
                  <MomentText atMs={lastAtMs} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {foundCount > 0 && (
        <div className="text-sm text-ink-3">
          By the failing spans of {formatCount(foundCount)} of {formatPlural(soughtCount, 'message')} looked at
        </div>
      )}
    </>
  )
}

function TakenReason({ witnesses: { takenCount, latest } }: { readonly witnesses: Facts['witnesses'] }) {
  return (
    <>
      taken from telemetry for {formatPlural(takenCount, 'message')} that {takenCount === 1 ? 'gives' : 'give'} none
      {latest !== null && (
        <>
          {'; '}
          <TextLink href={flowPath(latest.traceId)}>the span of {latest.service} that failed last</TextLink>
        </>
      )}
    </>
  )
}

function Places({ places }: { readonly places: Facts['places'] }) {
  return (
    <ul>
      {places.map(({ clusterId, destination, retentionMs, retentionBytes, sizeExpiry }) => (
        <li key={`${clusterId} ${destination}`}>
          {retentionMs === null ? 'no limit by time is known' : `${formatDuration(retentionMs)} from death`}
          {retentionBytes !== null &&
            sizeExpiry === null &&
            `, or sooner: a partition holds ${formatBytes(retentionBytes)}`}
          <span className="text-ink-3"> in {destination}</span>
          {sizeExpiry !== null && (
            <div className="text-sm text-ink-2">
              Its oldest open message: <SizeExpiryWords expiry={sizeExpiry} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}
