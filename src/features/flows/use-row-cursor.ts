'use client'
import { useState } from 'react'
import { moveCursor } from '#ui/table/use-list-keys.ts'
import { useHotkeys } from '#ui/use-hotkeys.ts'

interface RowCursor {
  readonly rowCount: number
  /** Where the open row is; null when none is open, or nobody knows where. */
  readonly openIndex: number | null
  readonly isOpen: boolean
  readonly onOpen: (index: number) => void
  readonly onClose: () => void
  readonly onMove: (index: number) => void
}

/**
 * j and k walk a list of which only a part is loaded, Enter opens, Escape closes; Home and End go to its ends. While
 * details are open, walking opens the next ones at once. Returns the index under the cursor, -1 before the first move.
 */
export function useRowCursor({ rowCount, openIndex, isOpen, onOpen, onClose, onMove }: RowCursor): number {
  const [cursor, setCursor] = useState(-1)
  const at = openIndex ?? cursor
  const go = (index: number) => {
    if (index < 0) return
    setCursor(index)
    onMove(index)
    if (isOpen) onOpen(index)
  }
  const step = (direction: 1 | -1) => () => go(moveCursor(at, direction, rowCount))
  const onBody = (act: () => void) => (event: KeyboardEvent) => (event.target === document.body ? act() : false)
  useHotkeys({
    j: step(1),
    k: step(-1),
    ArrowDown: onBody(step(1)),
    ArrowUp: onBody(step(-1)),
    Home: onBody(() => go(0)),
    End: onBody(() => go(rowCount - 1)),
    Enter: (event) => {
      const isElsewhere = event.target instanceof HTMLElement && event.target.closest('a, button') !== null
      if (isElsewhere || at < 0) return false
      onOpen(at)
      return true
    },
    Escape: () => {
      if (!isOpen) return false
      onClose()
      return true
    },
  })
  return Math.min(at, rowCount - 1)
}
