'use client'
import { useQuery } from '@tanstack/react-query'
import { oldestMeasured } from '#domain/lag/measured-age.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'

interface MeasureNowProps {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
}

/** Reads the records that the group has to take next and says how old they are: exact, once, without consuming. */
export function MeasureNow(asked: MeasureNowProps) {
  const trpc = useTRPC()
  const measured = useQuery({
    ...trpc.consumer.measureAge.queryOptions(asked),
    enabled: false,
    retry: false,
    gcTime: 0,
  })
  const age = measured.data
  const oldest = age === undefined ? null : oldestMeasured(age)
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2" aria-live="polite">
      <Button size="small" isBusy={measured.isFetching} onClick={() => void measured.refetch()}>
        Measure now
      </Button>
      {age === undefined && measured.error === null && (
        <span className="text-ink-3">reads the next record of each lane, without consuming it</span>
      )}
      {age !== undefined && (
        <span>
          {oldest === null ? (
            (age.lanes[0]?.because ?? 'nothing is waiting')
          ) : (
            <>
              <span className="font-semibold text-ink">{formatDuration(oldest.ageMs)}</span> behind: the record at{' '}
              <span className="font-mono">
                {oldest.lane}/{oldest.position}
              </span>{' '}
              is the oldest of {formatPlural(age.lanes.length, 'lane')} that {age.lanes.length === 1 ? 'was' : 'were'}{' '}
              read
            </>
          )}
          {age.leftOutCount > 0 && `; ${formatPlural(age.leftOutCount, 'lane')} that owe less were not`},{' '}
          <MomentText atMs={age.atMs} as="distance" />
        </span>
      )}
      {measured.error !== null && <FailureNote error={measured.error} />}
    </div>
  )
}
