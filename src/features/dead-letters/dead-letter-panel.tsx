'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { CopyButton } from '#ui/copy-button.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { deadLetterWords } from '#features/dead-letters/dead-letter-words.ts'
import { ExceptionBox } from '#features/dead-letters/exception-box.tsx'
import { ExpiryClock } from '#features/dead-letters/expiry-clock.tsx'
import { LetterActions } from '#features/dead-letters/letter-actions.tsx'
import { PayloadView } from '#features/dead-letters/payload-view.tsx'
import { RedriveHistory } from '#features/dead-letters/redrive-history.tsx'
import { SizeExpiryWords } from '#features/dead-letters/size-expiry-words.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { WitnessFact } from '#features/dead-letters/witness-fact.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { HeaderList } from '#features/messages/header-list.tsx'

type Letter = RouterOutputs['deadLetter']['get']

interface DeadLetterPanelProps {
  readonly id: string
  readonly onClose: () => void
}

/** Everything that is known of one dead letter. */
export function DeadLetterPanel({ id, onClose }: DeadLetterPanelProps) {
  const trpc = useTRPC()
  const letter = useQuery({ ...trpc.deadLetter.get.queryOptions({ id }), refetchInterval: 5000 })
  const words = letter.data === undefined ? null : deadLetterWords(letter.data.state)
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={letter.data?.exceptionClass ?? 'Dead letter'}
      footer={letter.data && <LetterActions letter={letter.data} />}
      mark={words && <StateMark tone={words.tone}>{words.word}</StateMark>}
    >
      <Fetched query={letter} skeleton={<SkeletonRows count={8} label="the dead letter" />}>
        {(found) => <LetterFacts key={found.id} letter={found} />}
      </Fetched>
    </SidePanel>
  )
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold">{title}</h3>
      {children}
    </section>
  )
}

function LetterFacts({ letter }: { readonly letter: Letter }) {
  return (
    <div className="flex flex-col gap-4">
      <ExceptionBox exceptionClass={letter.exceptionClass} message={letter.exceptionMessage} stack={letter.stack} />
      <FactList>
        <Fact name="Flow">
          {letter.flowKey === null ? (
            <span className="text-ink-2">none: no id in its headers and no trace that knows it</span>
          ) : (
            <span className="flex items-center gap-1">
              <TextLink href={flowPath(letter.flowKey)} isMono>
                {letter.flowKey}
              </TextLink>
              <CopyButton text={letter.flowKey} label="Copy the id" isIconOnly />
            </span>
          )}
        </Fact>
        <Fact name="Died">
          <MomentText atMs={letter.deadAtMs} />
        </Fact>
        <Fact name="Lies in">
          <span className="font-mono text-sm">
            {letter.destination} {letter.position}
          </span>{' '}
          <span className="text-ink-3">on {letter.clusterId}</span>
        </Fact>
        <Fact name="Came from">
          {letter.originDestination === null ? (
            <span className="text-ink-2">not said in its headers</span>
          ) : (
            <span className="font-mono text-sm">
              {letter.originDestination} {letter.originPosition}
            </span>
          )}
        </Fact>
        <Fact name="Given up by">{letter.consumerGroup ?? <span className="text-ink-2">not said</span>}</Fact>
        <Fact name="Failed in">
          <WitnessFact witness={letter.witness} />
        </Fact>
        <Fact name="Attempts">
          {letter.attempts === null ? <span className="text-ink-2">not said</span> : formatCount(letter.attempts)}
        </Fact>
        <Fact name="Headers of">{letter.dialect}</Fact>
        <Fact name="Expires in">
          <ExpiryClock atMs={letter.expiresAtMs} />
          {letter.sizeExpiry !== null && letter.state === 'open' && (
            <div className="text-sm text-ink-2">
              <SizeExpiryWords expiry={letter.sizeExpiry} />
            </div>
          )}
        </Fact>
        {letter.state === 'discarded' && (
          <Fact name="Restorable">
            {letter.archive === null ? (
              <span className="text-ink-2">not any more: its archive has expired</span>
            ) : (
              <>
                for <ExpiryClock atMs={letter.archive.expiresAtMs} />
              </>
            )}
          </Fact>
        )}
        {letter.state === 'redriven' && letter.archive !== null && (
          <Fact name="Original kept">
            for <ExpiryClock atMs={letter.archive.expiresAtMs} />, as an operation sent it on or discarded it
          </Fact>
        )}
        {letter.state === 'open' && letter.archive?.isOnlyCopy === true && (
          <Fact name="Kept here">restored from the archive; its queue has let go of it</Fact>
        )}
        {letter.archive !== null && letter.archive.operationId === null && (
          <Fact name="Message kept">
            the dead letter only points to it; fetched from where it came from, kept for{' '}
            <ExpiryClock atMs={letter.archive.expiresAtMs} />
          </Fact>
        )}
        {letter.returnOfOperationId !== null && <Fact name="Came back">after a redrive; the copy died again</Fact>}
      </FactList>
      <Section title="Message">
        <PayloadView id={letter.id} />
      </Section>
      <Section title="Headers">
        <HeaderList headers={letter.headers} />
      </Section>
      <Section title="Operations">
        <RedriveHistory redrives={letter.redrives} />
      </Section>
    </div>
  )
}
