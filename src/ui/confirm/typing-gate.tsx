'use client'
import { useState, type ReactNode } from 'react'
import { TextField } from '#ui/field.tsx'
import { isTypedRight } from '#ui/confirm/needs-typing.ts'

interface TypingGateProps {
  /** What has to be typed; null lets everybody through. */
  readonly words: string | null
  /** The blast radius in words: `This sends 1,107 messages to orders.` */
  readonly consequence: string
  /** Draws the button that acts; it is told whether it may. */
  readonly children: (isOpen: boolean) => ReactNode
}

/** Stands before an act that is big enough to deserve a second thought. */
export function TypingGate({ words, consequence, children }: TypingGateProps) {
  const [typed, setTyped] = useState('')
  if (words === null) return children(true)
  return (
    <div className="flex flex-col gap-2">
      <TextField
        label={`${consequence} Type ${words} to confirm.`}
        value={typed}
        autoComplete="off"
        inputMode="numeric"
        onChange={(event) => setTyped(event.target.value)}
      />
      {children(isTypedRight(typed, words))}
    </div>
  )
}
