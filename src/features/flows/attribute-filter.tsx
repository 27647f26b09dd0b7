'use client'
import { useQuery } from '@tanstack/react-query'
import { useId, type ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { FilterTexts, type TextFilter } from '#ui/filter-texts.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { AttributeIndexButton } from '#features/flows/attribute-index-button.tsx'
import type { FlowFilter, SetFlowFilter } from '#features/flows/use-flow-filter.ts'
import { useMay } from '#features/session/person-context.ts'

const KEY: readonly TextFilter<'attribute'>[] = [
  {
    name: 'attribute',
    label: 'Attribute key',
    placeholder: 'Attribute, e.g. app.tenant',
    className: 'w-full sm:w-64',
    isMono: true,
  },
]
const VALUE: readonly TextFilter<'value'>[] = [
  {
    name: 'value',
    label: 'Attribute value',
    placeholder: 'any value',
    className: 'min-w-0 flex-1 sm:w-64 sm:flex-none',
    isMono: true,
  },
]

interface AttributeFilterProps {
  readonly filter: FlowFilter
  readonly setFilter: SetFlowFilter
}

/** `key = value`, or the key alone for any value; says whether the key is found fast. */
export function AttributeFilter({ filter, setFilter }: AttributeFilterProps) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <FilterTexts filters={KEY} values={filter} onChange={(name, text) => void setFilter({ [name]: text })} />
      <span aria-hidden="true" className="font-mono text-ink-3">
        =
      </span>
      <FilterTexts filters={VALUE} values={filter} onChange={(name, text) => void setFilter({ [name]: text })} />
      <IndexState attributeKey={filter.attribute} />
    </div>
  )
}

function IndexState({ attributeKey }: { readonly attributeKey: string }) {
  const trpc = useTRPC()
  const known = useQuery({
    ...trpc.attributeIndex.list.queryOptions(),
    refetchInterval: (query) =>
      query.state.data?.indexes.some(({ completeFromUs }) => completeFromUs !== 0) === true ? 3_000 : 60_000,
  })
  const mayManage = useMay('setting:manage')
  const hintId = useId()
  const indexes = known.data?.indexes ?? []
  if (attributeKey === '') {
    if (indexes.length === 0) return null
    return <Hint>Indexed: {indexes.map(({ key }) => key).join(', ')}</Hint>
  }
  if (known.data === undefined) return null
  const index = indexes.find(({ key }) => key === attributeKey)
  return (
    <>
      <Hint id={hintId}>{index === undefined ? NOT_INDEXED : indexWords(index.completeFromUs)}</Hint>
      {mayManage &&
        (index === undefined ? (
          <AttributeIndexButton verb="request" attributeKey={attributeKey} size="small" aria-describedby={hintId}>
            Index {attributeKey}…
          </AttributeIndexButton>
        ) : (
          <AttributeIndexButton verb="drop" attributeKey={attributeKey} size="small">
            Drop the index…
          </AttributeIndexButton>
        ))}
    </>
  )
}

const NOT_INDEXED = 'Not indexed: spans are looked through one by one, newest first.'

function indexWords(completeFromUs: number | null): ReactNode {
  if (completeFromUs === 0) return 'Indexed: found at once.'
  if (completeFromUs === null) return 'The index begins within half a minute.'
  return (
    <>
      Indexed back to <MomentText atMs={completeFromUs / 1_000} />; what is older is looked through until the index gets
      there.
    </>
  )
}

function Hint({ id, children }: { readonly id?: string; readonly children: ReactNode }) {
  return (
    <span id={id} className="text-sm text-ink-3 wrap-anywhere-safe">
      {children}
    </span>
  )
}
