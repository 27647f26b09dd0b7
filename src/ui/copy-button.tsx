'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '#ui/button.tsx'

interface CopyButtonProps {
  readonly text: string | (() => string)
  /** What is copied: `Copy link`. */
  readonly label: string
  readonly isIconOnly?: boolean
}

export function CopyButton({ text, label, isIconOnly = false }: CopyButtonProps) {
  const [answer, setAnswer] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (answer === null) return
    const timer = setTimeout(() => setAnswer(null), 1600)
    return () => clearTimeout(timer)
  }, [answer])
  const copy = () => {
    navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(
      () => setAnswer('copied'),
      () => setAnswer('refused'),
    )
  }
  const word = answer === 'copied' ? 'Copied' : answer === 'refused' ? 'The browser refused' : label
  return (
    <Button
      kind={isIconOnly ? 'bare' : 'plain'}
      size="small"
      onClick={copy}
      aria-label={word}
      title={word}
      icon={answer === 'copied' ? <Check size={12} aria-hidden="true" /> : <Copy size={12} aria-hidden="true" />}
    >
      {!isIconOnly && <span aria-live="polite">{word}</span>}
    </Button>
  )
}
