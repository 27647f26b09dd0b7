'use client'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'
import { usePerson } from '#features/session/person-context.ts'
import { Brand } from '#features/shell/brand.tsx'
import { NavigationCountMark, type NavigationCount } from '#features/shell/navigation-count.tsx'
import { MorePlaces } from '#features/shell/more-places.tsx'
import { PlaceLink } from '#features/shell/place-link.tsx'
import { isAt, placesFor } from '#features/shell/places.ts'

interface SideNavigationProps {
  /** What waits at each place, by path. */
  readonly counts: ReadonlyMap<string, NavigationCount>
  readonly footer: ReactNode
}

/** The rail at the left; on a phone the same places are a bar at the bottom. */
export function SideNavigation({ counts, footer }: SideNavigationProps) {
  const path = usePathname()
  const person = usePerson()
  const places = placesFor(person?.permissions ?? null)
  return (
    <>
      <nav
        aria-label="Main"
        className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-rail px-2.5 py-3.5 lg:flex"
      >
        <PlaceLink href="/" className="mb-3 rounded-md px-2 py-0.5 text-[14px]">
          <Brand />
        </PlaceLink>
        <ul className="flex flex-col gap-0.5">
          {places.map((place) => (
            <li key={place.path}>
              <PlaceLink
                href={place.path}
                aria-current={isAt(place, path) ? 'page' : undefined}
                className="flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 hover:bg-rail-here hover:text-ink aria-[current=page]:bg-rail-here aria-[current=page]:text-ink"
              >
                <place.icon size={15} strokeWidth={1.75} aria-hidden="true" />
                {place.label}
                <span className="ml-auto">
                  <NavigationCountMark count={counts.get(place.path)} />
                </span>
              </PlaceLink>
            </li>
          ))}
        </ul>
        <div className="mt-auto">{footer}</div>
      </nav>
      <nav
        aria-label="Main"
        className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-rail pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        <ul className="flex">
          {places
            .filter((place) => place.isMinor !== true)
            .map((place) => (
              <li key={place.path} className="min-w-0 flex-1">
                <PlaceLink
                  href={place.path}
                  aria-current={isAt(place, path) ? 'page' : undefined}
                  className={classNames(
                    'flex h-14 flex-col items-center justify-center gap-1 text-xs text-ink-2',
                    'aria-[current=page]:text-accent',
                  )}
                >
                  <place.icon size={18} strokeWidth={1.75} aria-hidden="true" />
                  <span className="max-w-full truncate">{place.label}</span>
                </PlaceLink>
              </li>
            ))}
          <li className="min-w-0 flex-1">
            <MorePlaces places={places.filter((place) => place.isMinor === true)} path={path} />
          </li>
        </ul>
      </nav>
    </>
  )
}
