'use client'
import { ChevronsUpDown } from 'lucide-react'
import { CornerPopover } from '#ui/corner-popover.tsx'
import { usePerson } from '#features/session/person-context.ts'
import { chooseTheme } from '#features/shell/theme.ts'

interface PersonMenuProps {
  readonly onSignOut: () => void
  /** The one in the header of a phone; otherwise the one at the foot of the rail. */
  readonly isCompact?: boolean
}

const COMPACT =
  'flex size-[34px] shrink-0 items-center justify-center rounded-md border border-line bg-panel text-ink-2 lg:hidden'
const WIDE = 'flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-panel-2'

/** Who is signed in, with the colours and the way out. */
export function PersonMenu({ onSignOut, isCompact = false }: PersonMenuProps) {
  const person = usePerson()
  if (person === null) return null
  return (
    <CornerPopover
      label={`Menu of ${person.name}`}
      place={isCompact ? 'top-[49px] right-3 w-48' : 'bottom-16 left-2.5 w-[188px]'}
      triggerClassName={isCompact ? COMPACT : WIDE}
      trigger={
        isCompact ? (
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
        )
      }
    >
      {(id) => (
        <div className="flex flex-col p-1">
          <Item menuId={id} label="Dark" onChoose={() => chooseTheme('dark')} />
          <Item menuId={id} label="Light" onChoose={() => chooseTheme('light')} />
          <Item menuId={id} label="As the system" onChoose={() => chooseTheme('system')} />
          <hr className="my-1 border-line-soft" />
          <Item menuId={id} label="Sign out" onChoose={onSignOut} />
        </div>
      )}
    </CornerPopover>
  )
}

interface ItemProps {
  readonly menuId: string
  readonly label: string
  readonly onChoose: () => void
}

function Item({ menuId, label, onChoose }: ItemProps) {
  return (
    <button
      type="button"
      popoverTarget={menuId}
      popoverTargetAction="hide"
      onClick={onChoose}
      className="flex h-8 items-center rounded-sm px-2.5 text-ink-2 hover:bg-panel-2 hover:text-ink"
    >
      {label}
    </button>
  )
}
