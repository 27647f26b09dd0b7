'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { useOpenRow } from '#ui/table/use-open-row.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { DiagnosisPanel } from '#features/instrumentation/diagnosis-panel.tsx'
import { SERVICE_COLUMNS } from '#features/instrumentation/service-columns.tsx'

/** What the telemetry of each service leaves out, and what that costs. */
export function InstrumentationList() {
  const trpc = useTRPC()
  const details = useOpenRow('of')
  const answer = useQuery({
    ...trpc.instrumentation.list.queryOptions(),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  })
  const opened = answer.data?.services.find(({ service }) => service === details.openId)
  return (
    <>
      <FetchedList
        query={answer}
        rowsOf={({ services }) => services}
        title="Instrumentation"
        note={
          answer.data !== undefined &&
          `a sample of recent traces per service, of the last ${formatDuration(answer.data.windowMs)}`
        }
        label="Services and what their telemetry lacks"
        expected={6}
        empty={{
          title: 'No service has told of a message yet',
          text: 'A service stands here as soon as its spans of sending or taking messages reach the collector.',
        }}
        columns={SERVICE_COLUMNS}
        rowId={({ service }) => service}
        details={details}
      />
      {opened !== undefined && <DiagnosisPanel diagnosis={opened} onClose={details.close} />}
    </>
  )
}
