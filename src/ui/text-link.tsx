import Link from 'next/link'
import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'

interface TextLinkProps {
  readonly href: string
  readonly children: ReactNode
  readonly isMono?: boolean
  readonly title?: string
}

/** A link inside text or a table. */
export function TextLink({ href, children, isMono = false, title }: TextLinkProps) {
  return (
    <Link
      href={href}
      title={title}
      prefetch={false}
      className={classNames(
        'rounded-sm text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent',
        isMono && 'font-mono text-sm',
      )}
    >
      {children}
    </Link>
  )
}
