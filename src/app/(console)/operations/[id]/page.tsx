import type { Metadata } from 'next'
import { OperationPage } from '#features/operations/operation-page.tsx'

interface Props {
  readonly params: Promise<{ readonly id: string }>
}

export const metadata: Metadata = { title: 'Operation' }

export default async function OperationRoute({ params }: Props) {
  const { id } = await params
  return <OperationPage id={id} />
}
