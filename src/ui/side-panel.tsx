'use client'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '#ui/button-class.ts'

interface SidePanelProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** Beside the title: a state. */
  readonly mark?: ReactNode
  readonly children: ReactNode
  /** What stays in sight at the bottom: the acts. */
  readonly footer?: ReactNode
}

/**
 * Details at the right edge; the list beside it stays alive, so that j and k walk on while it is open. On a phone it
 * covers the page.
 */
export function SidePanel({ isOpen, onClose, title, mark, children, footer }: SidePanelProps) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()} modal={false} disablePointerDismissal>
      <Base.Portal>
        <Base.Popup
          data-side-panel=""
          initialFocus={false}
          className="fixed inset-y-0 right-0 z-30 flex w-full flex-col border-l border-line bg-panel transition-[opacity,translate] duration-100 outline-none data-ending-style:translate-x-2 data-ending-style:opacity-0 data-starting-style:translate-x-2 data-starting-style:opacity-0 sm:w-[480px] lg:top-[53px]"
        >
          <div className="flex min-h-12 items-start gap-2 border-b border-line-soft px-4 py-2.5">
            <Base.Title className="min-w-0 pt-0.5 text-lg font-semibold wrap-anywhere-safe">{title}</Base.Title>
            <div className="ml-auto flex shrink-0 items-center gap-1.5 pt-0.5">
              {mark}
              <Base.Close aria-label="Close" className={buttonClass('bare', 'small')}>
                <X size={14} aria-hidden="true" />
              </Base.Close>
            </div>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">{children}</div>
          {footer !== undefined && <div className="border-t border-line-soft px-4 py-3">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
