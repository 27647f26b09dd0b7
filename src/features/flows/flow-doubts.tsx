import type { FlowOpening } from '#domain/flow/flow-opening.ts'
import { formatCount } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import { Sentence } from '#ui/sentence.tsx'

/** What was cut off, what is still coming, and what makes the picture less certain than it looks. */
export function FlowDoubts({ flow }: { readonly flow: FlowOpening }) {
  const lines = [
    ...(flow.isWhole
      ? []
      : [
          `A large flow: its hops are drawn, ${formatCount(flow.omittedSpanCount)} spans between them are on their way.`,
        ]),
    ...(flow.isWhole ? flow.caps.map((cap) => `${cap.slice(0, 1).toUpperCase()}${cap.slice(1)}.`) : []),
    ...flow.doubts,
  ]
  if (lines.length === 0) return null
  return (
    <div className="mb-2">
      <Note tone={flow.isWhole ? 'warn' : 'unknown'}>
        {lines.map((line) => (
          <p key={line} className="wrap-anywhere-safe">
            <Sentence text={line} />
          </p>
        ))}
      </Note>
    </div>
  )
}
