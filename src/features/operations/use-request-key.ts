'use client'
import { useRef } from 'react'
import { newRequestKey } from '#features/operations/new-request-key.ts'

/** One key per wish, so that a double press is one operation; a changed wish gets another. */
export function useRequestKey(): (wish: object) => string {
  const asked = useRef<{ readonly wish: string; readonly key: string } | null>(null)
  return (wish) => {
    const text = JSON.stringify(wish)
    if (asked.current?.wish !== text) asked.current = { wish: text, key: newRequestKey() }
    return asked.current.key
  }
}
