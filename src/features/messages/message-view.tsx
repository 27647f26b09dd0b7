'use client'
import { Download } from 'lucide-react'
import type { ReactNode } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { buttonClass } from '#ui/button-class.ts'
import { HeaderList } from '#features/messages/header-list.tsx'
import { MessageBytes } from '#features/messages/message-bytes.tsx'
import { useMay } from '#features/session/person-context.ts'

type Parts = RouterOutputs['deadLetter']['payload']

interface MessageViewProps {
  readonly messageKey: Parts['key']
  /** null = a tombstone. */
  readonly payload: Parts['payload']
  /** null where they are shown elsewhere. */
  readonly headers: Parameters<typeof HeaderList>[0]['headers'] | null
  /** Where it can be had as a file, for those who may take payloads out. */
  readonly downloads: readonly { readonly label: string; readonly href: string }[]
  readonly children?: ReactNode
}

/** One message, wherever it was found: key, payload, headers, and the way to take it out. */
export function MessageView({ messageKey, payload, headers, downloads, children }: MessageViewProps) {
  const mayExport = useMay('payload:export')
  return (
    <div className="flex flex-col gap-3">
      {children}
      {messageKey !== null && <MessageBytes name="Key" shown={messageKey} height="max-h-24" />}
      {payload === null ? (
        <p className="text-ink-2">The payload is null: a tombstone.</p>
      ) : (
        <MessageBytes name="Payload" shown={payload} height="max-h-80" />
      )}
      {mayExport && (
        <div className="flex flex-wrap gap-2">
          {downloads.map(({ label, href }) => (
            <a
              key={href}
              href={href}
              download
              className={buttonClass('plain', 'small')}
              title="Whole and unmasked; every download is on the record"
            >
              <Download aria-hidden size={14} />
              {label}
            </a>
          ))}
        </div>
      )}
      {headers !== null && (
        <section aria-label="Headers">
          <h3 className="mb-1 font-semibold">Headers</h3>
          <HeaderList headers={headers} />
        </section>
      )}
    </div>
  )
}
