'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { Button } from '#ui/button.tsx'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { RestoreButton } from '#features/operations/restore-button.tsx'
import { useMay } from '#features/session/person-context.ts'

type Letter = Pick<RouterOutputs['deadLetter']['get'], 'id' | 'state' | 'fingerprint' | 'archive'>

/** What can be done with one dead letter in its state. */
export function LetterActions({ letter }: { readonly letter: Letter }) {
  const [, setView] = useDeadLetterView()
  const mayPlan = useMay('operation:plan')
  const mayRun = useMay('operation:run')
  if (letter.state === 'discarded' && letter.archive !== null && mayRun)
    return (
      <RestoreButton
        act="Restore this dead letter"
        consequence="It is open again, as it was. Nothing is written to the broker."
        selection={{ ids: [Number(letter.id)] }}
      />
    )
  if (letter.state !== 'open' || !mayPlan) {
    return <p className="text-sm text-ink-3">Nothing can be done with it in this state and role.</p>
  }
  const chosen = { fingerprint: letter.fingerprint, only: Number(letter.id) }
  return (
    <div className="flex gap-2">
      <Button kind="primary" onClick={() => void setView({ ...chosen, redrive: true, discard: null })}>
        Redrive this one…
      </Button>
      <Button onClick={() => void setView({ ...chosen, discard: true, redrive: null })}>Discard…</Button>
    </div>
  )
}
