'use client'
import { useEffect, useRef } from 'react'

/** Keys by name (`j`, `?`, `Escape`), with `mod+` for Ctrl or Cmd. Return false to let the key pass. */
export type Hotkeys = Readonly<Record<string, (event: KeyboardEvent) => void | boolean>>

/** True where a key press is text and not a command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement && ['radio', 'checkbox'].includes(target.type)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** True while a modal dialog, a menu or a list box holds the keyboard. */
function isHeld(): boolean {
  return document.querySelector('[role="dialog"]:not([data-side-panel]), [role="menu"], [role="listbox"]') !== null
}

/** Keys for the whole page. They rest while somebody types or a dialog is open, `mod+` ones always work. */
export function useHotkeys(hotkeys: Hotkeys, isOn = true): void {
  const latest = useRef(hotkeys)
  useEffect(() => {
    latest.current = hotkeys
  })
  useEffect(() => {
    if (!isOn) return
    const onKey = (event: KeyboardEvent): void => {
      const isCommand = event.metaKey || event.ctrlKey
      if (event.defaultPrevented || event.altKey) return
      if (!isCommand && (isTyping(event.target) || isHeld())) return
      const act = latest.current[isCommand ? `mod+${event.key.toLowerCase()}` : event.key]
      if (act !== undefined && act(event) !== false) event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isOn])
}
