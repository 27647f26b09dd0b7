import { Fragment } from 'react'

interface NameListProps {
  readonly names: readonly string[]
  readonly separator?: string
}

/** Names that others chose, in a sentence: whatever one of them holds, it turns neither the next one nor the words around. */
export function NameList({ names, separator = ', ' }: NameListProps) {
  return names.map((name, index) => (
    <Fragment key={index}>
      {index > 0 && separator}
      <bdi>{name}</bdi>
    </Fragment>
  ))
}
