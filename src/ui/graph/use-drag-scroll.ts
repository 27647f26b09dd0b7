'use client'
import { useEffect, type RefObject } from 'react'

/** Beyond this many pixels a press is a drag and not a click. */
const DRAG_PX = 4

/** Moves what scrolls by dragging it with the mouse; touch and pen scroll by themselves. A drag clicks on nothing. */
export function useDragScroll(ref: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const ending = new AbortController()
    const { signal } = ending
    let from: { readonly x: number; readonly y: number; readonly left: number; readonly top: number } | null = null
    let isMoved = false
    element.addEventListener(
      'pointerdown',
      (event) => {
        isMoved = false
        if (event.pointerType !== 'mouse' || event.button !== 0) return
        from = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop }
      },
      { signal },
    )
    element.addEventListener(
      'pointermove',
      (event) => {
        if (event.buttons === 0) from = null
        if (from === null) return
        const byX = event.clientX - from.x
        const byY = event.clientY - from.y
        if (!isMoved && Math.hypot(byX, byY) <= DRAG_PX) return
        isMoved = true
        element.scrollTo(from.left - byX, from.top - byY)
      },
      { signal },
    )
    element.addEventListener(
      'click',
      (event) => {
        if (!isMoved) return
        event.preventDefault()
        event.stopPropagation()
      },
      { signal, capture: true },
    )
    // The browser would take a link along and end the drag.
    element.addEventListener('dragstart', (event) => event.preventDefault(), { signal })
    return () => ending.abort()
  }, [ref])
}
