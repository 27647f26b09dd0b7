'use client'
import type { GroupActivity, ResetLane, ResetPlan } from '#domain/reset/reset-plan.ts'
import { sumResetPlan } from '#domain/reset/reset-plan.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { TextLink } from '#ui/text-link.tsx'

/** More lanes nobody reads one by one; the sums are of all. */
const MAX_SHOWN = 200

interface ResetPlanViewProps {
  readonly plan: ResetPlan
  /** Where the connector of the group is stopped, where it has one. */
  readonly connectorHref: string | null
}

/** What a reset would do, lane by lane, as it was read from the broker. */
export function ResetPlanView({ plan, connectorHref }: ResetPlanViewProps) {
  const totals = sumResetPlan(plan.lanes)
  return (
    <div className="flex flex-col gap-3">
      <ActivityNote activity={plan.activity} connectorHref={connectorHref} />
      <p>
        <Totals plan={plan} />{' '}
        <span className="text-ink-3">
          Read <MomentText atMs={plan.readAtMs} as="distance" />.
        </span>
      </p>
      {totals.lost > 0 && (
        <Note tone="warn" title={`${formatPlural(totals.lost, 'message')} cannot be taken again`}>
          Retention has deleted them; a reset does not bring them back.
        </Note>
      )}
      {totals.clampedLanes > 0 && (
        <Note tone="warn" title={`On ${formatPlural(totals.clampedLanes, 'lane')} the target is not there`}>
          It lies outside of what the lane holds and was moved to the nearer end; without a readable position a group
          would go wherever its own settings send it.
        </Note>
      )}
      {totals.movedOn > 0 && (
        <Note tone="warn" title={`The group has moved on by ${formatCount(totals.movedOn)} since the reset`}>
          Putting it back does not undo what its consumers have done meanwhile.
        </Note>
      )}
      <div className="max-h-72 overflow-y-auto rounded-md border border-line">
        <table className="w-full text-sm" aria-label="What happens on each lane">
          <thead className="sticky top-0 bg-panel text-left text-ink-3">
            <tr className="border-b border-line-soft">
              <th className="px-2.5 py-1.5 font-normal">Lane</th>
              <th className="px-2.5 py-1.5 text-right font-normal">From</th>
              <th className="px-2.5 py-1.5 text-right font-normal">To</th>
              <th className="px-2.5 py-1.5 font-normal">Then</th>
            </tr>
          </thead>
          <tbody>
            {plan.lanes.slice(0, MAX_SHOWN).map((lane) => (
              <tr key={lane.lane} className="border-b border-line-soft align-baseline last:border-0">
                <td className="px-2.5 py-1 font-mono">{lane.lane || '—'}</td>
                <td className="px-2.5 py-1 text-right font-mono">{position(lane.from)}</td>
                <td className="px-2.5 py-1 text-right font-mono">{position(lane.to)}</td>
                <td className="px-2.5 py-1 text-ink-2">{describeLane(lane)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {plan.lanes.length > MAX_SHOWN && (
        <p className="text-sm text-ink-3">and {formatPlural(plan.lanes.length - MAX_SHOWN, 'lane')} more</p>
      )}
      {plan.isApproximate && (
        <p className="text-sm text-ink-3">
          Records are taken out of the middle of this destination, so these figures count positions and may overstate
          messages.
        </p>
      )}
    </div>
  )
}

const position = (value: number | null): string => (value === null ? 'none' : formatCount(value))

function describeLane({ from, to, skipped, repeated, lost, clampedTo }: ResetLane): string {
  const parts: string[] = []
  if (from === to) parts.push('stays')
  else if (to === null) parts.push('has no position again')
  else if (skipped === null) parts.push('had no position')
  else if (skipped > 0) parts.push(`${formatCount(skipped)} skipped`)
  else if (repeated !== null) parts.push(`${formatCount(repeated)} again`)
  if (lost > 0) parts.push(`${formatCount(lost)} deleted by retention`)
  if (clampedTo !== null) parts.push(`moved to the ${clampedTo === 'start' ? 'beginning' : 'end'}`)
  return parts.join(', ')
}

function Totals({ plan }: { readonly plan: ResetPlan }) {
  const { changedLanes, skipped, repeated, uncountedLanes } = sumResetPlan(plan.lanes)
  if (changedLanes === 0) return <b className="font-semibold">Nothing would change.</b>
  const effects = [
    skipped > 0 && `${formatPlural(skipped, 'message')} skipped`,
    repeated > 0 && `${formatPlural(repeated, 'message')} taken again`,
    uncountedLanes > 0 && `${formatPlural(uncountedLanes, 'lane')} without a position to count from`,
  ].filter((effect) => effect !== false)
  return (
    <>
      <b className="font-semibold">
        {effects.length === 0 ? 'No message is skipped or taken again' : effects.join(', ')}
      </b>{' '}
      on {changedLanes} of {formatPlural(plan.lanes.length, 'lane')}.
    </>
  )
}

function ActivityNote({
  activity: { isInactive, state, memberCount, refusedBecause },
  connectorHref,
}: {
  readonly activity: GroupActivity
  readonly connectorHref: string | null
}) {
  if (refusedBecause !== null) {
    return (
      <Note tone="bad" isAlert title="This group takes no positions">
        {refusedBecause}
      </Note>
    )
  }
  if (isInactive) return <Note tone="ok">Nobody is connected, so the broker takes positions for this group.</Note>
  return (
    <Note
      tone="warn"
      title={`The group is ${state}${memberCount === null ? '' : `, with ${formatPlural(memberCount, 'member')}`}`}
    >
      The broker takes positions only of a group without members, and a paused consumer stays one.{' '}
      {connectorHref === null ? (
        'Stop its consumers (scale them to none), then look at the dry run again: until then it moves on.'
      ) : (
        <>
          Stop its connector under <TextLink href={connectorHref}>Connectors</TextLink>, then look at the dry run again.
        </>
      )}
    </Note>
  )
}
