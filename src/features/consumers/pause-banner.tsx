'use client'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Sentence } from '#ui/sentence.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { PauseChange } from '#features/consumers/pause-change.tsx'
import {
  isListening,
  kindWords,
  memberWords,
  type PauseInfo,
  type PauseMemberRow,
  standingWords,
} from '#features/consumers/pause-says.ts'
import { useMay } from '#features/session/person-context.ts'

/** Nobody reads more of them. */
const MAX_SHOWN = 20

/** What is asked of the group and what is seen of it, with the ways to change it; nothing while nobody asks. */
export function PauseBanner({ info }: { readonly info: PauseInfo }) {
  const mayControl = useMay('consumer:control')
  const [change, setChange] = useState<'extend' | 'end' | null>(null)
  const { pause } = info
  if (pause === null) return null
  const words = standingWords(pause.standing)
  const isChangeable = mayControl && pause.endedAtMs === null && pause.releaseAskedAtMs === null
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2.5">
          {kindWords(pause.kind).word} by {pause.askedByName}
          <StateMark tone={words.tone}>{words.word}</StateMark>
        </span>
      }
      note={
        isChangeable ? (
          <span className="flex flex-wrap gap-2">
            <Button size="small" onClick={() => setChange('extend')}>
              Extend…
            </Button>
            <Button size="small" onClick={() => setChange('end')}>
              Resume now…
            </Button>
          </span>
        ) : undefined
      }
    >
      <div role={pause.isAlert ? 'alert' : 'status'} className="flex flex-col gap-1">
        <p className="wrap-anywhere-safe">
          <Sentence text={`“${pause.reason}”`} />
        </p>
        <p className="text-ink-2">
          {pause.sentence} {pause.endedAtMs === null ? 'Resumes by itself' : 'Ended'}{' '}
          <MomentText atMs={pause.endedAtMs ?? pause.expiresAtMs} as="distance" />
          {pause.releasedByName !== null && (
            <Sentence text={`, by ${pause.releasedByName}: “${pause.releaseReason ?? ''}”`} />
          )}
          .
        </p>
      </div>
      {pause.kind === 'cooperative' && <MembersSeen info={info} leaseId={pause.id} />}
      {change !== null && <PauseChange change={change} leaseId={pause.id} onClose={() => setChange(null)} />}
    </Card>
  )
}

/** Each member that can be asked: what it says that it does, and what it has not finished. */
function MembersSeen({ info, leaseId }: { readonly info: PauseInfo; readonly leaseId: string }) {
  const counted = info.members.filter(({ inFlight }) => inFlight !== null)
  const inFlight = counted.reduce((sum, member) => sum + (member.inFlight ?? 0), 0)
  return (
    <div className="mt-2 flex flex-col gap-1.5">
      <p className="text-sm text-ink-3">
        {formatPlural(info.memberCount, 'member')} asked
        {counted.length > 0 && `, ${formatPlural(inFlight, 'message')} in flight`}
      </p>
      <ul aria-label="Members asked" className="flex flex-col gap-1">
        {info.members.slice(0, MAX_SHOWN).map((member) => (
          <MemberSeen key={member.memberId} info={info} member={member} leaseId={leaseId} />
        ))}
        {info.memberCount > MAX_SHOWN && (
          <li className="text-sm text-ink-3">and {formatCount(info.memberCount - MAX_SHOWN)} more</li>
        )}
      </ul>
    </div>
  )
}

interface MemberSeenProps {
  readonly info: PauseInfo
  readonly member: PauseMemberRow
  readonly leaseId: string
}

function MemberSeen({ info, member, leaseId }: MemberSeenProps) {
  const words = isListening(info, member) ? memberWords(member) : { word: 'Silent', tone: 'unknown' as const }
  const isOther = member.leaseId !== null && member.leaseId !== leaseId
  return (
    <li className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-sm">
      <StateMark tone={words.tone}>{words.word}</StateMark>
      <span className="font-mono wrap-anywhere-safe">{member.clientName}</span>
      <span className="text-ink-3">
        {member.address}
        {member.inFlight !== null && ` · ${formatCount(member.inFlight)} in flight`}
        {isOther && ' · obeys another pause'} · heard <MomentText atMs={member.reportedAtMs} as="distance" />
      </span>
      {member.problem !== null && <span className="text-bad wrap-anywhere-safe">{member.problem}</span>}
    </li>
  )
}
