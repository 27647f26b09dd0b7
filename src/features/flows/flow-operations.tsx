'use client'
import type { FlowOperationItem } from '#domain/flow/flow.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FlowOperationFacts } from '#features/flows/flow-operation.tsx'

/** The copies that operations sent into one flow. */
export function FlowOperations({ items }: { readonly items: readonly FlowOperationItem[] }) {
  if (items.length === 0) {
    return <EmptyState title="No operations">Nothing of this flow has been redriven.</EmptyState>
  }
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {items.map((item) => (
        <Card key={`${item.traceId} ${item.spanId}`}>
          <FlowOperationFacts item={item} />
        </Card>
      ))}
    </div>
  )
}
