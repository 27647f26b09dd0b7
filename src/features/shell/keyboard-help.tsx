'use client'
import type { ReactNode } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { Kbd } from '#ui/kbd.tsx'
import { PLACES } from '#features/shell/places.ts'

function Keys({ does, children }: { readonly does: string; readonly children: ReactNode }) {
  return (
    <div className="flex h-7 items-center border-b border-line-soft last:border-0">
      <dt className="text-ink-2">{does}</dt>
      <dd className="ml-auto flex gap-1">{children}</dd>
    </div>
  )
}

/** Every key there is. */
export function KeyboardHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title="Keys">
      <dl>
        <Keys does="Jump anywhere, run any action">
          <Kbd>⌘</Kbd>
          <Kbd>K</Kbd>
        </Keys>
        <Keys does="Find a flow">
          <Kbd>/</Kbd>
        </Keys>
        <Keys does="Next and previous row">
          <Kbd>j</Kbd>
          <Kbd>k</Kbd>
        </Keys>
        <Keys does="Open the row">
          <Kbd>Enter</Kbd>
        </Keys>
        <Keys does="Tick a flow, to compare two">
          <Kbd>x</Kbd>
        </Keys>
        <Keys does="Zoom a map, and fit it">
          <Kbd>+</Kbd>
          <Kbd>-</Kbd>
          <Kbd>0</Kbd>
        </Keys>
        <Keys does="Close what is open">
          <Kbd>Esc</Kbd>
        </Keys>
        {PLACES.map((place) => (
          <Keys key={place.path} does={`Go to ${place.label}`}>
            <Kbd>g</Kbd>
            <Kbd>{place.key}</Kbd>
          </Keys>
        ))}
        <Keys does="This list">
          <Kbd>?</Kbd>
        </Keys>
      </dl>
    </Dialog>
  )
}
