'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { useMay } from '#features/session/person-context.ts'

type ItemEdit = RouterOutputs['operation']['edits']['items'][number]
type Change = NonNullable<ItemEdit['changes']>[number]

/** What the edit does to each message, for those who may see payloads. */
export function EditDiff({ operationId }: { readonly operationId: string }) {
  const mayRead = useMay('payload:read')
  if (!mayRead)
    return <p className="text-ink-2">Your role does not show payloads; operators and above see the changes.</p>
  return <LoadedDiff operationId={operationId} />
}

function LoadedDiff({ operationId }: { readonly operationId: string }) {
  const trpc = useTRPC()
  const edits = useInfiniteQuery({
    ...trpc.operation.edits.infiniteQueryOptions(
      { id: operationId, limit: 10 },
      { getNextPageParam: (page) => page.nextOrdinal },
    ),
    staleTime: 60_000,
  })
  const items = useMemo(() => edits.data?.pages.flatMap((page) => page.items) ?? [], [edits.data])
  return (
    <section aria-label="Changes of each message">
      <h3 className="mb-1.5 font-semibold">What changes in each message</h3>
      <Fetched query={edits} skeleton={<SkeletonRows count={4} label="changes" />}>
        {() => (
          <ul className="divide-y divide-line-soft rounded-md border border-line-soft">
            {items.map((item) => (
              <li key={item.ordinal} className="px-3 py-2">
                <div className="font-mono text-sm text-ink-3">
                  #{item.ordinal} {item.sourcePosition}
                </div>
                <Changes item={item} />
              </li>
            ))}
          </ul>
        )}
      </Fetched>
      <LoadMore shown={items.length} pages={edits} />
    </section>
  )
}

function Changes({ item: { changes, note } }: { readonly item: ItemEdit }) {
  if (changes === null) return <p className="text-sm text-ink-2">{note}</p>
  if (changes.length === 0) return <p className="text-sm text-ink-2">stays as it is, to the byte</p>
  return (
    <ul className="font-mono text-sm">
      {changes.map((change) => (
        <li key={`${change.part} ${change.at} ${change.before ?? ''}`} className="wrap-anywhere-safe">
          <span className="text-ink-2">
            {change.part === 'header' && 'header '}
            {change.at}:
          </span>{' '}
          <Values change={change} />
        </li>
      ))}
    </ul>
  )
}

function Values({ change: { before, after } }: { readonly change: Change }) {
  return (
    <>
      {before === null ? <span className="text-ink-3">absent</span> : <del className="text-bad">{before}</del>}{' '}
      <span aria-hidden="true">→</span>
      <span className="sr-only">becomes</span>{' '}
      {after === null ? (
        <span className="text-ink-3">removed</span>
      ) : (
        <ins className="text-ok no-underline">{after}</ins>
      )}
    </>
  )
}
