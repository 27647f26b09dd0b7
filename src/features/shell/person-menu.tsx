'use client'
import { Menu } from '@base-ui/react/menu'
import { ChevronsUpDown } from 'lucide-react'
import { usePerson } from '#features/session/person-context.ts'
import { chooseTheme } from '#features/shell/theme.ts'

const ITEM =
  'flex h-8 cursor-pointer items-center rounded-sm px-2.5 text-ink-2 data-highlighted:bg-panel-2 data-highlighted:text-ink'

/** Who is signed in, with the way out. */
export function PersonMenu({
  onSignOut,
  isCompact = false,
}: {
  readonly onSignOut: () => void
  readonly isCompact?: boolean
}) {
  const person = usePerson()
  if (person === null) return null
  return (
    <Menu.Root>
      <Menu.Trigger
        className={
          isCompact
            ? 'flex size-[34px] shrink-0 items-center justify-center rounded-md border border-line bg-panel text-ink-2 lg:hidden'
            : 'flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-panel-2'
        }
      >
        {isCompact ? (
          <>
            <span aria-hidden="true">{person.name.charAt(0).toUpperCase()}</span>
            <span className="sr-only">{person.name}: menu</span>
          </>
        ) : (
          <>
            <span className="min-w-0">
              <span className="block truncate text-ink-2">{person.name}</span>
              <span className="block text-xs text-ink-3">
                {person.role}
                <span className="sr-only">: menu</span>
              </span>
            </span>
            <ChevronsUpDown size={13} aria-hidden="true" className="ml-auto shrink-0 text-ink-3" />
          </>
        )}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="z-40">
          <Menu.Popup className="w-48 rounded-lg border border-line bg-panel p-1 outline-none">
            <Menu.Item className={ITEM} onClick={() => chooseTheme('dark')}>
              Dark
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={() => chooseTheme('light')}>
              Light
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={() => chooseTheme('system')}>
              As the system
            </Menu.Item>
            <Menu.Separator className="my-1 h-px bg-line-soft" />
            <Menu.Item className={ITEM} onClick={onSignOut}>
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
