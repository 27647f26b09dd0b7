import type { TimeMark } from '#ui/charts/time-series.ts'
import type { ConsumerHappenings } from '#features/consumers/consumer-page.tsx'
import { kindWords } from '#features/consumers/pause-says.ts'

/** More marks than this hide the line. */
const MAX_MARKS = 24

/** Deploys, rebalances, steps back and our own operations, as lines and bands over the lag. */
export function marksOf(
  { events, deploys, operations, pauses }: ConsumerHappenings,
  nowMs: number,
): readonly TimeMark[] {
  const marks: readonly TimeMark[] = [
    ...deploys.map(({ service, version, atMs }) => ({ atMs, label: `${service} ${version}`, color: 'var(--warn)' })),
    ...operations.map((one) => ({
      atMs: one.startedAtMs,
      untilMs: one.endedAtMs ?? nowMs,
      label: `${one.kind} ${one.number}`,
      color: 'var(--replay)',
    })),
    ...pauses.map((one) => ({
      atMs: one.askedAtMs,
      untilMs: one.endedAtMs ?? nowMs,
      label: kindWords(one.kind).word.toLowerCase(),
      color: 'var(--pause)',
    })),
    ...events
      .filter(({ kind }) => kind === 'rebalance' || kind === 'rewind' || kind === 'reset')
      .map(({ kind, atMs }) => ({ atMs, label: kind, color: kind === 'reset' ? 'var(--replay)' : 'var(--ink-3)' })),
  ]
  return marks.slice(0, MAX_MARKS)
}
