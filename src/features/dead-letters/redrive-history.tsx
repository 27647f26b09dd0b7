'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { itemWords, operationName, outcomeWords } from '#features/operations/operation-words.ts'

type Redrives = RouterOutputs['deadLetter']['get']['redrives']

/** Which operations took this message along, and what became of its copies. */
export function RedriveHistory({ redrives }: { readonly redrives: Redrives }) {
  if (redrives.length === 0) return <p className="text-ink-2">No operation has taken it along yet.</p>
  return (
    <ul className="flex flex-col gap-2">
      {redrives.map((redrive) => {
        const words =
          redrive.outcome === 'unknown' ? itemWords(redrive.itemState, redrive.kind) : outcomeWords(redrive.outcome)
        return (
          <li key={redrive.operationId}>
            <div className="flex flex-wrap items-center gap-2">
              <TextLink href={operationPath(redrive.operationId)}>{operationName(redrive.operationNumber)}</TextLink>
              <StateMark tone={words.tone}>{words.word}</StateMark>
              <span className="text-ink-3">
                <MomentText atMs={redrive.createdAtMs} />
              </span>
            </div>
            <div className="text-sm text-ink-3 wrap-anywhere-safe">
              “{redrive.reason}” by {redrive.actorName} ·{' '}
              {redrive.kind === 'discard'
                ? 'discarded'
                : `to ${redrive.targetDestination} ${redrive.targetPosition ?? ''}`}
              {redrive.outcomeEvidence !== null && ` · ${redrive.outcomeEvidence}`}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
