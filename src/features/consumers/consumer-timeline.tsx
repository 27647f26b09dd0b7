'use client'
import { EmptyState } from '#ui/empty-state.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import type { Tone } from '#ui/tone.ts'
import type { ConsumerHappenings } from '#features/consumers/consumer-page.tsx'
import { lagWordsOf } from '#features/consumers/lag-words.ts'
import { kindWords } from '#features/consumers/pause-says.ts'

/** As many as can be read; the rest is on the chart. */
const MAX_SHOWN = 12

interface Happening {
  readonly id: string
  readonly atMs: number
  readonly tone: Tone
  readonly word: string
  readonly text: string
  readonly href: string | null
}

const KINDS = {
  rebalance: { word: 'Rebalance', tone: 'warn' },
  rewind: { word: 'Rewind', tone: 'warn' },
  reset: { word: 'Reset', tone: 'active' },
  gone: { word: 'Gone', tone: 'unknown' },
} as const satisfies Record<string, { readonly word: string; readonly tone: Tone }>

function happeningsOf(
  { events, deploys, operations, pauses }: ConsumerHappenings,
  isNamed: boolean,
): readonly Happening[] {
  const fromEvents = events.map((event, index): Happening => {
    const { word, tone } =
      event.kind === 'state'
        ? (lagWordsOf(event.state) ?? { word: event.state ?? '', tone: 'unknown' })
        : KINDS[event.kind]
    const where = isNamed && event.destination !== null ? `${event.destination}: ` : ''
    return {
      id: `event ${index} ${event.atMs}`,
      atMs: event.atMs,
      tone,
      word,
      text: `${where}${event.sentence}`,
      href: null,
    }
  })
  const fromDeploys = deploys.map(({ service, version, atMs }): Happening => ({
    id: `deploy ${service} ${version}`,
    atMs,
    tone: 'active',
    word: 'Deploy',
    text: `${service} ${version} was seen for the first time.`,
    href: null,
  }))
  const fromOperations = operations.map((one): Happening => ({
    id: one.id,
    atMs: one.startedAtMs,
    tone: 'active',
    word: `${one.kind.charAt(0).toUpperCase()}${one.kind.slice(1)}`,
    text: `Operation ${one.number} sent to a destination of this group.`,
    href: `/operations/${one.id}`,
  }))
  const fromPauses = pauses.map((one): Happening => ({
    id: `pause ${one.id}`,
    atMs: one.askedAtMs,
    tone: 'paused',
    word: kindWords(one.kind).word,
    text: `By ${one.askedByName}: “${one.reason}”.${one.endedAtMs === null ? '' : ` Ended by ${one.releasedByName ?? 'the broker'}: “${one.releaseReason ?? ''}”.`}`,
    href: null,
  }))
  return [...fromEvents, ...fromDeploys, ...fromOperations, ...fromPauses].toSorted((a, b) => b.atMs - a.atMs)
}

/** What happened to a group, newest first: states, rebalances, steps back, deploys and our own operations. */
export function ConsumerTimeline({
  happenings,
  isNamed,
}: {
  readonly happenings: ConsumerHappenings
  readonly isNamed: boolean
}) {
  const all = happeningsOf(happenings, isNamed)
  if (all.length === 0) {
    return (
      <EmptyState title="Nothing happened in this window">
        States that change, rebalances, deploys and operations are listed here; they are kept for a week.
      </EmptyState>
    )
  }
  return (
    <ul className="flex flex-col gap-2" aria-label="What happened">
      {all.slice(0, MAX_SHOWN).map((one) => (
        <li
          key={one.id}
          className="grid grid-cols-[4.5rem_7.5rem_1fr] items-baseline gap-2 text-sm max-sm:grid-cols-[4.5rem_1fr]"
        >
          <span className="text-ink-3">
            <MomentText atMs={one.atMs} />
          </span>
          <span>
            <StateMark tone={one.tone}>{one.word}</StateMark>
          </span>
          <span className="min-w-0 text-ink-2 wrap-anywhere-safe max-sm:col-span-2">
            {one.href === null ? one.text : <TextLink href={one.href}>{one.text}</TextLink>}
          </span>
        </li>
      ))}
      {all.length > MAX_SHOWN && <li className="text-sm text-ink-3">and {all.length - MAX_SHOWN} before these</li>}
    </ul>
  )
}
