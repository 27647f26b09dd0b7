'use client'
import type { ReactNode } from 'react'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import type { Tone } from '#ui/tone.ts'
import { brokerName, clusterTone, clusterWord, type ClusterRow } from '#features/clusters/cluster-tone.ts'
import { readAbilities, readUnreadable } from '#features/settings/cluster-abilities.ts'

type Poll = ClusterRow['polls'][number]

const POLLS: Readonly<Record<Poll['kind'], string>> = {
  inventory: 'Inventory',
  lag: 'Lag',
  'dead-letters': 'Dead letters',
}
const OUTCOMES: Readonly<Record<Poll['outcome'], { readonly word: string; readonly tone: Tone }>> = {
  ok: { word: 'Read', tone: 'ok' },
  partial: { word: 'In part', tone: 'warn' },
  failed: { word: 'Failed', tone: 'bad' },
}

/** What to do about a cluster that does not answer. */
const ADVICE =
  'Look whether the broker is up, whether the collector can reach its addresses, and whether the credentials still hold. It is tried again by itself, at least once a minute.'

interface ClusterPanelProps {
  readonly cluster: ClusterRow
  readonly onClose: () => void
}

/** One cluster: why it is in its state, what was read when, and what can be done there. */
export function ClusterPanel({ cluster, onClose }: ClusterPanelProps) {
  const unreadable = readUnreadable(cluster.capabilities)
  const abilities = readAbilities(cluster.capabilities)
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={cluster.name}
      mark={<StateMark tone={clusterTone(cluster.status)}>{clusterWord(cluster.status)}</StateMark>}
    >
      {cluster.statusReason !== null && (
        <div className="mb-4">
          <Note tone={cluster.status === 'unreachable' ? 'bad' : 'warn'} title={cluster.statusReason}>
            {cluster.status === 'unreachable' && ADVICE}
          </Note>
        </div>
      )}
      <FactList>
        <Fact name="Broker">{brokerName(cluster.kind)}</Fact>
        <Fact name="Environment">{cluster.environment}</Fact>
        <Fact name="Id">{cluster.id}</Fact>
        <Fact name="Holds">
          {formatPlural(cluster.destinationCount, 'destination')},{' '}
          <TextLink href="/consumers">{formatPlural(cluster.groupCount, 'group')}</TextLink>
        </Fact>
        <Fact name="Registered">
          <MomentText atMs={cluster.createdAtMs} />
        </Fact>
        {Object.entries(cluster.configuration).map(([name, value]) => (
          <Fact key={name} name={name}>
            <span className="font-mono text-sm">{printValue(value)}</span>
          </Fact>
        ))}
      </FactList>
      <Part title="What is read">
        {cluster.polls.length === 0 && <p className="text-ink-2">Nothing has been read yet.</p>}
        <ul className="divide-y divide-line-soft">
          {cluster.polls.map((poll) => (
            <PollItem key={poll.kind} poll={poll} />
          ))}
        </ul>
      </Part>
      <Part title="What cannot be read">
        {unreadable.length === 0 ? (
          <p className="text-ink-2">
            {abilities.length === 0 ? 'Not known: the broker has not answered yet.' : 'Nothing is hidden from us.'}
          </p>
        ) : (
          <FactList isWide>
            {unreadable.map(({ subject, reason }) => (
              <Fact key={`${subject} ${reason}`} name={subject}>
                {reason}
              </Fact>
            ))}
          </FactList>
        )}
      </Part>
      <Part title="What can be done there">
        {abilities.length === 0 && <p className="text-ink-2">Not known: the broker has not answered yet.</p>}
        <FactList isWide>
          {abilities.map(({ name, isThere, explanation }) => (
            <Fact key={name} name={name}>
              <StateMark tone={isThere ? 'ok' : 'unknown'} isQuiet>
                {isThere ? 'Yes' : 'No'}
              </StateMark>
              {explanation !== null && <div className="text-ink-2">{explanation}</div>}
            </Fact>
          ))}
        </FactList>
      </Part>
    </SidePanel>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="mt-5">
      <h3 className="mb-1.5 font-semibold">{title}</h3>
      {children}
    </section>
  )
}

function PollItem({ poll }: { readonly poll: Poll }) {
  const { word, tone } = OUTCOMES[poll.outcome]
  return (
    <li className="py-1.5">
      <div className="flex items-center gap-2">
        <span>{POLLS[poll.kind]}</span>
        <StateMark tone={tone} isQuiet>
          {word}
        </StateMark>
        <span className="ml-auto text-sm text-ink-3">
          <MomentText atMs={poll.asOfMs} as="distance" /> · took {formatDuration(poll.durationMs)} ·{' '}
          {formatCount(poll.itemCount)} read
        </span>
      </div>
      {poll.reason !== null && <div className="text-ink-2 wrap-anywhere-safe">{poll.reason}</div>}
    </li>
  )
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(printValue).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
