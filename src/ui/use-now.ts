'use client'
import { useSyncExternalStore } from 'react'

let nowMs = 0
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

function tick(): void {
  if (document.hidden) return
  nowMs = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === null) {
    timer = setInterval(tick, 1000)
    document.addEventListener('visibilitychange', tick)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
    document.removeEventListener('visibilitychange', tick)
  }
}

function readNow(): number {
  if (nowMs === 0) nowMs = Date.now()
  return nowMs
}

/** The time in ms, renewed each second for all who ask, at rest while the page is hidden. 0 while rendered on the server. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow, () => 0)
}
