'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ExpectedTimeButton } from '#features/consumers/expected-time-button.tsx'
import { ExpectedTimeText, inForceMs } from '#features/consumers/expected-time-text.tsx'
import { Fetched } from '#features/failure/fetched.tsx'

/** How long a group may take with the messages of each of its destinations. */
export function GroupExpectedTimes({ group }: { readonly group: string }) {
  const trpc = useTRPC()
  const list = useQuery({
    ...trpc.expectedTime.list.queryOptions({ group }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  return (
    <Card title="Expected time" note="later than this, a message is listed as stuck" isFlush>
      <Fetched query={list} skeleton={<SkeletonRows count={1} label="expected times" />}>
        {({ times }) =>
          times.length === 0 ? (
            <p className="px-3.5 py-3 text-ink-2">It is not known yet what this group reads.</p>
          ) : (
            <ul className="divide-y divide-line-soft">
              {times.map((time) => (
                <li key={time.destination} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3.5 py-2">
                  <span className="wrap-anywhere-safe">{time.destination}</span>
                  <span>
                    <ExpectedTimeText time={time} />
                  </span>
                  <span className="ml-auto">
                    <ExpectedTimeButton destination={time.destination} group={group} inForceMs={inForceMs(time)} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Fetched>
    </Card>
  )
}
