'use client'
import type { FlowOperationItem } from '#domain/flow/flow.ts'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatClockMs } from '#ui/format/moment.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { operationName, outcomeWords } from '#features/operations/operation-words.ts'

/** A copy that an operation sent into this flow, and what became of it. */
export function FlowOperationFacts({ item }: { readonly item: FlowOperationItem }) {
  const words = outcomeWords(item.outcome)
  return (
    <FactList>
      <Fact name="Operation">
        <TextLink href={operationPath(item.operationId)}>{operationName(item.operationNumber)}</TextLink> {item.kind}
      </Fact>
      <Fact name="By">{item.actorName}</Fact>
      <Fact name="Reason">“{item.reason}”</Fact>
      <Fact name="Sent">{formatClockMs(item.sentUs / 1000)}</Fact>
      <Fact name="To">
        <span className="font-mono text-sm">
          {item.targetDestination} {item.targetPosition ?? ''}
        </span>
      </Fact>
      <Fact name="Outcome">
        <StateMark tone={words.tone}>{words.word}</StateMark>
      </Fact>
    </FactList>
  )
}
