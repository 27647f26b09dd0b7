'use client'
import { Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useRef, type FormEvent } from 'react'
import { Kbd } from '#ui/kbd.tsx'
import { useHotkeys } from '#ui/use-hotkeys.ts'

/** Finds a flow by any id that belongs to it. */
export function SearchBox() {
  const router = useRouter()
  const input = useRef<HTMLInputElement>(null)
  useHotkeys({ '/': () => input.current?.focus() })
  const search = (event: FormEvent) => {
    event.preventDefault()
    const id = input.current?.value.trim() ?? ''
    if (id === '') return
    input.current?.blur()
    router.push(`/flows?id=${encodeURIComponent(id)}`)
  }
  return (
    <search className="min-w-0 flex-1 sm:max-w-[560px]">
      <form onSubmit={search} className="relative">
        <Search size={14} aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 text-ink-3" />
        <input
          ref={input}
          name="id"
          aria-label="Find a flow by correlation id, message id or trace id"
          placeholder="Correlation id, message id, trace id…"
          autoComplete="off"
          spellCheck={false}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          className="h-[34px] w-full rounded-md border border-line bg-panel pr-9 pl-8 font-mono text-sm text-ellipsis text-ink placeholder:font-sans placeholder:text-base hover:border-ink-3"
        />
        <span className="pointer-events-none absolute top-[7px] right-2 hidden sm:block">
          <Kbd>/</Kbd>
        </span>
      </form>
    </search>
  )
}
