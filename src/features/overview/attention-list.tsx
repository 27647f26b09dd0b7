'use client'
import Link from 'next/link'
import { buttonClass } from '#ui/button-class.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { attentionWords, type AttentionItem } from '#features/overview/attention-words.ts'

/** Below this, time left is said in amber. */
const SHORT_MS = 12 * 3_600_000

/** What needs a person, the least time left first, each beside its remedy. */
export function AttentionList({ items }: { readonly items: readonly AttentionItem[] }) {
  if (items.length === 0) {
    return (
      <EmptyState title="Nothing needs you">
        Consumers that fall behind, pauses that are not obeyed, dead letters, brokers out of reach and operations that
        stopped appear here.
      </EmptyState>
    )
  }
  return (
    <ul className="divide-y divide-line-soft">
      {items.map((item) => (
        <AttentionRow key={item.id} item={item} />
      ))}
    </ul>
  )
}

function AttentionRow({ item }: { readonly item: AttentionItem }) {
  const { word, tone } = attentionWords(item)
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 px-3.5 py-2.5 sm:grid-cols-[116px_1fr_auto]">
      <span className="max-sm:col-span-2">
        <StateMark tone={tone}>{word}</StateMark>
      </span>
      <div className="min-w-0">
        <div className="font-semibold wrap-anywhere-safe">{item.title}</div>
        <div className="text-ink-2 wrap-anywhere-safe">{item.detail}</div>
        <div className="text-sm text-ink-3">
          {item.timeLeftMs !== null && (
            <span className={item.timeLeftMs < SHORT_MS ? 'text-warn' : undefined}>
              {formatDuration(item.timeLeftMs)} until the first is lost
            </span>
          )}
          {item.timeLeftMs !== null && item.sinceMs !== null && ' · '}
          {item.sinceMs !== null && (
            <>
              since <MomentText atMs={item.sinceMs} />
            </>
          )}
        </div>
      </div>
      <Link
        href={item.href}
        prefetch={false}
        className={buttonClass(item.kind === 'dead-letters' ? 'primary' : 'plain', 'small')}
      >
        {item.remedy}
      </Link>
    </li>
  )
}
