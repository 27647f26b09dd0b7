import type { PauseForecast } from '#domain/lag/forecast-pause.ts'
import type { AgeMethod, LossCause } from '#domain/lag/lag-status.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural, formatShortCount } from '#ui/format/number.ts'
import type { ConsumerVerdict } from '#features/consumers/consumer-columns.tsx'

const METHODS: Readonly<Record<AgeMethod, string>> = {
  positions: 'by positions over time',
  broker: 'as the broker says',
  spans: 'by spans',
  record: 'by the record itself',
}

const CAUSES: Readonly<Record<LossCause, string>> = {
  retention: 'then retention takes what nobody read',
  size: 'then the size limit takes what nobody read',
  ttl: 'then the first waiting message expires',
}

/** How the time behind is known, and how exactly. */
export function ageWords({ timeBehindMs, timeBehindErrorMs, timeBehindMethod }: ConsumerVerdict): string {
  if (timeBehindMs === null) return 'the age of the oldest unprocessed message is not known'
  const method = timeBehindMethod === null ? '' : METHODS[timeBehindMethod]
  if (timeBehindErrorMs === null) return `at least, ${method}`
  return timeBehindErrorMs === 0 ? method || 'exact' : `± ${formatDuration(timeBehindErrorMs)}, ${method}`
}

/** When the lag will be gone, with its band. */
export function drainWords(row: ConsumerVerdict): { readonly value: string; readonly note: string } {
  switch (row.drainOutlook) {
    case 'done':
      return { value: 'now', note: 'nothing is waiting' }
    case 'never':
      return { value: 'never', note: 'as much arrives as is taken, or more' }
    case 'unknown':
      return { value: '—', note: 'the rate is not known yet' }
    case 'draining': {
      const [low, high] = [formatDuration(row.drainsLowMs), formatDuration(row.drainsHighMs)]
      return {
        value: formatDuration(row.drainsInMs),
        note: low === high ? 'at the present rate' : `${low} to ${high}, in 4 of 5 cases`,
      }
    }
  }
}

/** What takes the first unread message. */
export function lossWords(row: ConsumerVerdict): string {
  if (row.lostMessages > 0) return `${formatPlural(row.lostMessages, 'message')} already lost`
  return row.lossCause === null ? 'nothing is about to be lost' : CAUSES[row.lossCause]
}

/** What a pause of half an hour would cost. */
export function pauseWords({ lagMessages, drainsInMs }: PauseForecast): string {
  if (lagMessages === null) return 'what it would cost is not known yet'
  const after = `30 m leave ${formatShortCount(Math.round(lagMessages))} waiting`
  return drainsInMs === null
    ? `${after}; its top speed is not known`
    : `${after}, worked off in ${formatDuration(drainsInMs)}`
}
