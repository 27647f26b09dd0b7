'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { FlowDeadLetter } from '#domain/flow/flow.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { buttonClass } from '#ui/button-class.ts'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatClockMs } from '#ui/format/moment.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { deadLetterPath } from '#features/dead-letters/dead-letter-path.ts'
import { deadLetterWords } from '#features/dead-letters/dead-letter-words.ts'
import { ExceptionBox } from '#features/dead-letters/exception-box.tsx'
import { useMay } from '#features/session/person-context.ts'

/** A dead letter on its flow, next to its remedy. */
export function FlowDeadLetterFacts({ letter }: { readonly letter: FlowDeadLetter }) {
  const words = deadLetterWords(letter.state)
  return (
    <div className="flex flex-col gap-3">
      <ExceptionBox exceptionClass={letter.exceptionClass} message={letter.exceptionMessage} stack={null} />
      <FactList>
        <Fact name="State">
          <StateMark tone={words.tone}>{words.word}</StateMark>
        </Fact>
        <Fact name="Died">{formatClockMs(letter.deadUs / 1000)}</Fact>
        <Fact name="Lies in">
          <span className="font-mono text-sm">
            {letter.destination} {letter.position}
          </span>{' '}
          <span className="text-ink-3">on {letter.clusterId}</span>
        </Fact>
        <Fact name="Came from">{letter.originDestination ?? 'not said in its headers'}</Fact>
      </FactList>
      <DeadLetterRemedy letter={letter} />
    </div>
  )
}

function DeadLetterRemedy({ letter }: { readonly letter: FlowDeadLetter }) {
  const trpc = useTRPC()
  const mayPlan = useMay('operation:plan')
  const { data } = useQuery({ ...trpc.deadLetter.get.queryOptions({ id: letter.id }), staleTime: 30_000 })
  if (data === undefined) return null
  const path = deadLetterPath(data.fingerprint)
  return (
    <div className="flex flex-wrap gap-2">
      {mayPlan && letter.state === 'open' && (
        <>
          <Link
            href={`${path}&redrive=true&only=${letter.id}`}
            prefetch={false}
            className={buttonClass('primary', 'small')}
          >
            Redrive this dead letter…
          </Link>
          <Link href={`${path}&redrive=true`} prefetch={false} className={buttonClass('plain', 'small')}>
            Redrive its failure group…
          </Link>
        </>
      )}
      <Link
        href={`${deadLetterPath(data.fingerprint, letter.id)}&state=${letter.state}`}
        prefetch={false}
        className={buttonClass('plain', 'small')}
      >
        Message and headers
      </Link>
    </div>
  )
}
