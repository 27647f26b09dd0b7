import type { Metadata } from 'next'
import { ConsumersPage } from '#features/consumers/consumers-page.tsx'

export const metadata: Metadata = { title: 'Consumers' }

export default function ConsumersRoute() {
  return <ConsumersPage />
}
