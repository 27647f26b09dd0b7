'use client'
import { useEffect, useRef, useState } from 'react'
import { classNames } from '#ui/class-names.ts'

interface FilterTextProps {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly placeholder: string
  readonly className?: string
  readonly isMono?: boolean
}

/** How long to wait after the last key before the list is asked again. */
const SETTLE_MS = 250

/** A filter by text: takes effect when typing rests, and when the address changes from outside. */
export function FilterText({ label, value, onChange, placeholder, className, isMono = false }: FilterTextProps) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  if (value !== known) {
    setKnown(value)
    setText(value)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const settle = (next: string) => {
    clearTimeout(timer.current)
    setKnown(next.trim())
    onChange(next.trim())
  }
  return (
    <input
      aria-label={label}
      placeholder={placeholder}
      value={text}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        const next = event.target.value
        setText(next)
        clearTimeout(timer.current)
        timer.current = setTimeout(() => settle(next), SETTLE_MS)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle(text)
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      className={classNames(
        'h-8 min-w-0 rounded-md border border-line bg-panel px-2.5 text-ink hover:border-ink-3',
        isMono && 'font-mono text-sm placeholder:font-sans placeholder:text-base',
        className,
      )}
    />
  )
}
