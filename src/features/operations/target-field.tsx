'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { TextField } from '#ui/field.tsx'

interface TargetFieldProps {
  readonly clusterId: string
  readonly value: string
  readonly onChange: (name: string) => void
  readonly hint?: string
}

/** The name of a destination, with those of the cluster to choose from; the dry run decides whether it may be one. */
export function TargetField({ clusterId, value, onChange, hint }: TargetFieldProps) {
  const trpc = useTRPC()
  const listId = useId()
  const choices = useQuery({
    ...trpc.operation.targets.queryOptions({ clusterId, search: value }),
    enabled: clusterId !== '',
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
  return (
    <>
      <TextField
        label="Destination"
        value={value}
        list={listId}
        maxLength={1_000}
        spellCheck={false}
        autoComplete="off"
        hint={hint}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {choices.data?.map(({ name, isDeadLetterPlace }) => (
          <option key={name} value={name}>
            {isDeadLetterPlace ? 'dead letters land here' : ''}
          </option>
        ))}
      </datalist>
    </>
  )
}
