'use client'
import { Dialog } from '@base-ui/react/dialog'
import { Command } from 'cmdk'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { PLACES } from '#features/shell/places.ts'

export interface PaletteAction {
  readonly label: string
  readonly run: () => void
}

interface CommandPaletteProps {
  readonly onClose: () => void
  readonly actions: readonly PaletteAction[]
}

const ITEM =
  'flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-ink-2 data-[selected=true]:bg-panel-2 data-[selected=true]:text-ink'
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3'

/** Cmd-K: jump to a page, open a flow by its id, run an action. */
export function CommandPalette({ onClose, actions }: CommandPaletteProps) {
  const router = useRouter()
  const [text, setText] = useState('')
  const id = text.trim()
  const run = (act: () => void) => () => {
    onClose()
    act()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-bg/70" />
        <Dialog.Popup
          aria-label="Command palette"
          className="fixed top-[12vh] left-1/2 z-50 w-[560px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-panel outline-none"
        >
          <Command label="Command palette" loop>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="Jump to a page, or paste an id…"
              className="h-11 w-full border-b border-line-soft bg-transparent px-4 text-[14px] outline-none"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-2.5 py-6 text-center text-ink-3">Nothing has that name.</Command.Empty>
              {id.length > 3 && (
                <Command.Group heading="Flows" forceMount className={GROUP}>
                  <Command.Item
                    forceMount
                    value={`flow ${id}`}
                    onSelect={run(() => router.push(`/flows?id=${encodeURIComponent(id)}`))}
                    className={ITEM}
                  >
                    Find the flow <span className="truncate font-mono text-sm">{id}</span>
                  </Command.Item>
                </Command.Group>
              )}
              <Command.Group heading="Pages" className={GROUP}>
                {PLACES.map((place) => (
                  <Command.Item
                    key={place.path}
                    value={place.label}
                    onSelect={run(() => router.push(place.path))}
                    className={ITEM}
                  >
                    <place.icon size={14} aria-hidden="true" />
                    {place.label}
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Actions" className={GROUP}>
                {actions.map((action) => (
                  <Command.Item key={action.label} value={action.label} onSelect={run(action.run)} className={ITEM}>
                    {action.label}
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
