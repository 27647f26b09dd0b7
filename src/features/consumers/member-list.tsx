'use client'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'

/** Nobody reads more of them; who reads a lane stands beside the lane. */
const MAX_SHOWN = 40

/** Who is connected, and what each of them reads. */
export function MemberList({ inventory }: { readonly inventory: ConsumerDetail['inventory'] }) {
  if (inventory === null) {
    return <EmptyState title="Not seen by the inventory yet">Members are read with the next inventory poll.</EmptyState>
  }
  if (inventory.members === null) {
    return (
      <Note tone="unknown" title="Members are not known">
        The broker keeps no record of them (queues in Postgres do not), did not allow it, or did not answer; the
        cluster’s settings say which.
      </Note>
    )
  }
  if (inventory.members.length === 0) {
    return (
      <EmptyState title="Nobody is connected">
        The group exists and keeps its place, but no process reads for it.
      </EmptyState>
    )
  }
  return (
    <ul className="flex flex-col gap-2.5">
      {inventory.members.slice(0, MAX_SHOWN).map((member) => (
        <li key={member.id} className="min-w-0">
          <div className="font-mono text-sm wrap-anywhere-safe">{member.clientId ?? member.id}</div>
          <div className="text-sm text-ink-3 wrap-anywhere-safe">
            {member.host ?? 'host not known'}
            {member.assignments.map((part) => (
              <span key={part.destination}>
                {' '}
                · {part.destination}{' '}
                {part.lanes.length > 8 ? formatPlural(part.lanes.length, 'lane') : part.lanes.join(', ')}
              </span>
            ))}
          </div>
        </li>
      ))}
      {inventory.members.length > MAX_SHOWN && (
        <li className="text-sm text-ink-3">and {formatCount(inventory.members.length - MAX_SHOWN)} more</li>
      )}
    </ul>
  )
}
