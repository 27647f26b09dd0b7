'use client'
import { useState } from 'react'
import { useHotkeys } from '#ui/use-hotkeys.ts'

interface ListKeys {
  readonly ids: readonly string[]
  /** The row whose details are open, if any; moving starts there. */
  readonly openId: string | null
  readonly onOpen: (id: string) => void
  readonly onClose: () => void
  /** Ticks a row, or takes its tick away. */
  readonly onTick?: ((id: string) => void) | undefined
  readonly isOn: boolean
  /** Brings a row into sight that may not be drawn yet. */
  readonly onMove?: (index: number) => void
}

/** The next place of a cursor in a list of `count`; it stops at both ends, and enters from the end it comes from. */
export function moveCursor(index: number, step: 1 | -1, count: number): number {
  if (count === 0) return -1
  if (index < 0) return step === 1 ? 0 : count - 1
  return Math.min(count - 1, Math.max(0, index + step))
}

/**
 * j and k walk, Enter opens, x ticks, Escape closes. While details are open, walking opens the next ones at once. Returns the
 * row under the cursor; it follows its row when the list is renewed.
 */
export function useListKeys({ ids, openId, onOpen, onClose, onTick, isOn, onMove }: ListKeys): string | null {
  const [cursorId, setCursorId] = useState<string | null>(null)
  const atId = openId ?? cursorId
  const step = (direction: 1 | -1) => () => {
    const index = moveCursor(atId === null ? -1 : ids.indexOf(atId), direction, ids.length)
    const next = ids[index]
    if (next === undefined) return
    setCursorId(next)
    onMove?.(index)
    document.querySelector(`[data-row-id="${CSS.escape(next)}"]`)?.scrollIntoView({ block: 'nearest' })
    if (openId !== null) onOpen(next)
  }
  useHotkeys(
    {
      j: step(1),
      k: step(-1),
      ArrowDown: (event) => (event.target === document.body ? step(1)() : false),
      ArrowUp: (event) => (event.target === document.body ? step(-1)() : false),
      Enter: (event) => {
        const isElsewhere = event.target instanceof HTMLElement && event.target.closest('a, button') !== null
        if (isElsewhere || atId === null) return false
        onOpen(atId)
        return true
      },
      x: () => {
        if (onTick === undefined || atId === null) return false
        onTick(atId)
        return true
      },
      Escape: () => {
        if (openId === null) return false
        onClose()
        return true
      },
    },
    isOn,
  )
  return atId
}
