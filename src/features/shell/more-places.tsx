'use client'
import { Ellipsis } from 'lucide-react'
import { useId, useRef } from 'react'
import { classNames } from '#ui/class-names.ts'
import { PlaceLink } from '#features/shell/place-link.tsx'
import { isAt, type Place } from '#features/shell/places.ts'

interface MorePlacesProps {
  readonly places: readonly Place[]
  readonly path: string
}

/** The places that the bar of a phone has no room for, in a sheet above it. */
export function MorePlaces({ places, path }: MorePlacesProps) {
  const id = useId()
  const sheet = useRef<HTMLElement>(null)
  const here = places.find((place) => isAt(place, path))
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        className={classNames(
          'flex h-14 w-full flex-col items-center justify-center gap-1 text-xs',
          here === undefined ? 'text-ink-2' : 'text-accent',
        )}
      >
        <Ellipsis size={18} strokeWidth={1.75} aria-hidden="true" />
        More
        {here !== undefined && <span className="sr-only">, with {here.label}, which is open</span>}
      </button>
      <section
        ref={sheet}
        id={id}
        popover="auto"
        aria-label="More pages"
        className="fixed inset-x-2 top-auto bottom-[calc(env(safe-area-inset-bottom)+64px)] m-0 w-auto rounded-lg border border-line bg-panel p-1 text-ink"
      >
        <ul>
          {places.map((place) => (
            <li key={place.path}>
              <PlaceLink
                href={place.path}
                aria-current={isAt(place, path) ? 'page' : undefined}
                onClick={() => sheet.current?.hidePopover()}
                className="flex h-11 items-center gap-3 rounded-md px-3 text-[14px] text-ink-2 aria-[current=page]:text-accent"
              >
                <place.icon size={18} strokeWidth={1.75} aria-hidden="true" />
                {place.label}
              </PlaceLink>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
