import type { Metadata } from 'next'
import { ConsumerList } from '#features/consumers/consumer-list.tsx'

export const metadata: Metadata = { title: 'Consumers' }

export default function ConsumersPage() {
  return <ConsumerList />
}
