'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { DiagnosisPanel } from '#features/instrumentation/diagnosis-panel.tsx'
import { SERVICE_COLUMNS } from '#features/instrumentation/service-columns.tsx'

/** What the telemetry of each service leaves out, and what that costs. */
export function InstrumentationList() {
  const trpc = useTRPC()
  const [of, setOf] = useQueryState('of', parseAsString)
  const answer = useQuery({
    ...trpc.instrumentation.list.queryOptions(),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  })
  const open = answer.data?.services.find(({ service }) => service === of) ?? null
  const close = () => void setOf(null)
  return (
    <>
      <Card
        isFlush
        title="Instrumentation"
        note={
          answer.data !== undefined &&
          `a sample of recent traces per service, of the last ${formatDuration(answer.data.windowMs)}`
        }
      >
        <Fetched query={answer} skeleton={<SkeletonRows count={6} label="the services" />}>
          {({ services }) =>
            services.length === 0 ? (
              <EmptyState title="No service has told of a message yet">
                A service stands here as soon as its spans of sending or taking messages reach the collector.
              </EmptyState>
            ) : (
              <ListTable
                label="Services and what their telemetry lacks"
                columns={SERVICE_COLUMNS}
                rows={services}
                rowId={({ service }) => service}
                openId={of}
                onOpen={({ service }) => void setOf(service)}
                onClose={close}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      {open !== null && <DiagnosisPanel diagnosis={open} onClose={close} />}
    </>
  )
}
