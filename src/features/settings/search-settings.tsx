'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { TextField } from '#ui/field.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { AttributeIndexButton } from '#features/flows/attribute-index-button.tsx'
import { useMay } from '#features/session/person-context.ts'

/** The attributes by which flows are found at once, and what each index has come to. */
export function SearchSettings() {
  const trpc = useTRPC()
  const mayChange = useMay('setting:manage')
  const [key, setKey] = useState('')
  const list = useQuery({
    ...trpc.attributeIndex.list.queryOptions(),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  })
  return (
    <Card title="Indexed attributes" note="flows are found by these at once; each costs ingest a little" isFlush>
      <Fetched query={list} skeleton={<SkeletonRows count={3} label="indexed attributes" />}>
        {({ indexes }) =>
          indexes.length === 0 ? (
            <EmptyState title="No attribute is indexed">
              Flows are found by any attribute all the same, by looking through their spans, the newest first.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line-soft">
              {indexes.map((index) => (
                <li key={index.key} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3.5 py-2">
                  <span className="font-mono text-sm wrap-anywhere-safe">{index.key}</span>
                  <span className="text-ink-2">{stateOf(index.completeFromUs)}</span>
                  <span className="ml-auto text-sm text-ink-3">
                    asked for by {index.requestedByName} <MomentText atMs={index.requestedAtMs} />
                  </span>
                  {mayChange && (
                    <AttributeIndexButton
                      verb="drop"
                      attributeKey={index.key}
                      size="small"
                      kind="danger"
                      aria-label={`Drop the index of ${index.key}`}
                    >
                      Drop…
                    </AttributeIndexButton>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Fetched>
      {mayChange && (
        <form
          onSubmit={(event) => event.preventDefault()}
          className="flex flex-wrap items-start gap-2 border-t border-line-soft px-3.5 py-3"
        >
          <TextField
            label="Attribute key"
            value={key}
            maxLength={200}
            spellCheck={false}
            autoComplete="off"
            placeholder="app.customer.id"
            hint="Exactly as spans write it. At most ten."
            className="w-full sm:w-72"
            onChange={(event) => setKey(event.target.value)}
          />
          <AttributeIndexButton
            verb="request"
            type="submit"
            attributeKey={key.trim()}
            kind="primary"
            className="sm:mt-6"
            onDone={() => setKey('')}
          >
            Index it…
          </AttributeIndexButton>
        </form>
      )}
    </Card>
  )
}

function stateOf(completeFromUs: number | null): ReactNode {
  if (completeFromUs === 0) return 'complete'
  if (completeFromUs === null) return 'begins within half a minute'
  return (
    <>
      complete back to <MomentText atMs={completeFromUs / 1_000} />
    </>
  )
}
