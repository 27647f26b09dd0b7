import type { Metadata } from 'next'
import { FlowPage } from '#features/flows/flow-page.tsx'

interface Props {
  readonly params: Promise<{ readonly key: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).key) }
}

export default async function FlowRoute({ params }: Props) {
  const { key } = await params
  return <FlowPage flowKey={decodeURIComponent(key)} />
}
