import type { Metadata } from 'next'
import { ConsumerPage } from '#features/consumers/consumer-page.tsx'

interface Props {
  readonly params: Promise<{ readonly cluster: string; readonly group: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).group) }
}

export default async function ConsumerRoute({ params }: Props) {
  const { cluster, group } = await params
  return <ConsumerPage clusterId={decodeURIComponent(cluster)} group={decodeURIComponent(group)} />
}
