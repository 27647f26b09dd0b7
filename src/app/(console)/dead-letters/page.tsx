import type { Metadata } from 'next'
import { Suspense } from 'react'
import { DeadLetterInbox } from '#features/dead-letters/dead-letter-inbox.tsx'

export const metadata: Metadata = { title: 'Dead letters' }

export default function DeadLettersPage() {
  return (
    <Suspense>
      <DeadLetterInbox />
    </Suspense>
  )
}
