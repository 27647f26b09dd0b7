'use client'
import { formatPlural } from '#ui/format/number.ts'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

interface PlaceChoiceProps {
  readonly places: FailureGroup['places']
  readonly chosen: number
  readonly onChoose: (index: number) => void
}

/** Which dead-letter place to take from; nothing to choose where they all lie in one. */
export function PlaceChoice({ places, chosen, onChoose }: PlaceChoiceProps) {
  if (places.length < 2) return null
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm text-ink-2">
        From. They lie in several places; one operation takes from one.
      </legend>
      {places.map((candidate, index) => (
        <label
          key={`${candidate.clusterId} ${candidate.destination}`}
          className="flex cursor-pointer items-center gap-2"
        >
          <input
            type="radio"
            name="place"
            checked={index === chosen}
            onChange={() => onChoose(index)}
            className="accent-[var(--accent)]"
          />
          <span className="wrap-anywhere-safe">{candidate.destination}</span>
          <span className="text-ink-3">
            {candidate.clusterId} · {formatPlural(candidate.count, 'message')}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
