'use client'
import { Button } from '#ui/button.tsx'
import { Note } from '#ui/note.tsx'
import { failureOf } from '#features/failure/failure-of.ts'
import { sentenceOf, wordsOf } from '#features/failure/failure-words.ts'

interface FailureNoteProps {
  readonly error: unknown
  readonly onRetry?: () => void
}

/** A failure in words, with what to do about it. */
export function FailureNote({ error, onRetry }: FailureNoteProps) {
  const failure = failureOf(error)
  const words = wordsOf(failure)
  const sentence = sentenceOf(failure)
  return (
    <Note
      tone="bad"
      isAlert
      title={words.title}
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {sentence !== null && <div>{sentence}</div>}
      <div>{words.advice}</div>
      {failure.errorId !== null && <div className="font-mono text-sm">{failure.errorId}</div>}
    </Note>
  )
}
