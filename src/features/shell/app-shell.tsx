'use client'
import type { ReactNode } from 'react'
import { SearchBox } from '#features/shell/search-box.tsx'
import { ShellKeys } from '#features/shell/shell-keys.tsx'
import { SideNavigation } from '#features/shell/side-navigation.tsx'

/** What surrounds every page: places at the left, search and state at the top. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[208px_minmax(0,1fr)]">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-panel focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <SideNavigation counts={new Map()} footer={null} />
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-20 flex h-[53px] items-center gap-2.5 border-b border-line bg-rail px-3 sm:px-5">
          <SearchBox />
        </header>
        <main id="page" data-page="" className="px-3 pt-4 pb-24 sm:px-5 lg:pb-10">
          {children}
        </main>
      </div>
      <ShellKeys actions={[]} />
    </div>
  )
}
