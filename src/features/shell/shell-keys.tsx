'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { useHotkeys } from '#ui/use-hotkeys.ts'
import type { PaletteAction } from '#features/shell/command-palette.tsx'
import { PLACES } from '#features/shell/places.ts'
import { chooseTheme } from '#features/shell/theme.ts'

const CommandPalette = dynamic(async () => (await import('#features/shell/command-palette.tsx')).CommandPalette)
const KeyboardHelp = dynamic(async () => (await import('#features/shell/keyboard-help.tsx')).KeyboardHelp)

/** How long the second key of `g f` may take. */
const SECOND_KEY_MS = 1200

const THEME_ACTIONS: readonly PaletteAction[] = [
  { label: 'Use dark colours', run: () => chooseTheme('dark') },
  { label: 'Use light colours', run: () => chooseTheme('light') },
  { label: 'Use the colours of the system', run: () => chooseTheme('system') },
]

interface ShellKeysProps {
  readonly actions: readonly PaletteAction[]
}

/** The keys that work on every page, and what they open. */
export function ShellKeys({ actions }: ShellKeysProps) {
  const router = useRouter()
  const [open, setOpen] = useState<'palette' | 'help' | null>(null)
  const goPressedMs = useRef(0)
  const jumps = Object.fromEntries(
    PLACES.map((place) => [
      place.key,
      () => {
        if (performance.now() - goPressedMs.current > SECOND_KEY_MS) return false
        goPressedMs.current = 0
        router.push(place.path)
        return true
      },
    ]),
  )
  useHotkeys({
    ...jumps,
    'mod+k': () => setOpen('palette'),
    '?': () => setOpen('help'),
    g: () => {
      goPressedMs.current = performance.now()
    },
  })
  const close = () => setOpen(null)
  if (open === 'palette') {
    const all = [...actions, { label: 'Show the keys', run: () => setOpen('help') }, ...THEME_ACTIONS]
    return <CommandPalette onClose={close} actions={all} />
  }
  return open === 'help' ? <KeyboardHelp onClose={close} /> : null
}
