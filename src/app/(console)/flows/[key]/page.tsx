import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { FlowPage } from '#features/flows/flow-page.tsx'
import { askAhead } from '#server/ask-ahead.ts'
import { getRuntime } from '#server/runtime.ts'

interface Props {
  readonly params: Promise<{ readonly key: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).key) }
}

export default async function FlowRoute({ params }: Props) {
  const flowKey = decodeURIComponent((await params).key)
  // Not awaited: the page's frame leaves at once, the flow follows on the same response.
  const opening = askAhead(getRuntime(), await headers(), (caller) => caller.flow.get({ flowKey }))
  return <FlowPage flowKey={flowKey} ahead={opening} />
}
