'use client'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { CodeBox } from '#ui/code-box.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatHexDump, hexOfText } from '#ui/format/hex-dump.ts'
import { indentJson } from '#ui/format/indent-json.ts'
import { formatBytes, formatPlural } from '#ui/format/number.ts'

type Shown = NonNullable<RouterOutputs['deadLetter']['payload']['payload']>

const KIND: Readonly<Record<Shown['kind'], string>> = { json: 'JSON', text: 'Text', binary: 'Binary' }

interface MessageBytesProps {
  readonly messageKey: Shown | null
  /** null = a tombstone. */
  readonly payload: Shown | null
}

/** Key and payload of a message, whatever they are. */
export function MessageBytes({ messageKey, payload }: MessageBytesProps) {
  return (
    <div className="flex flex-col gap-3">
      {messageKey !== null && <Bytes name="Key" shown={messageKey} height="max-h-24" />}
      {payload === null ? (
        <p className="text-ink-2">The payload is null: a tombstone.</p>
      ) : (
        <Bytes name="Payload" shown={payload} height="max-h-80" />
      )}
    </div>
  )
}

interface BytesProps {
  readonly name: string
  readonly shown: Shown
  readonly height: string
}

/** The same bytes as text and as a hex dump. */
function Bytes({ name, shown, height }: BytesProps) {
  const [form, setForm] = useState<'text' | 'hex'>(shown.kind === 'binary' ? 'hex' : 'text')
  const isHex = form === 'hex'
  const hex = shown.kind === 'binary' ? shown.text : hexOfText(shown.text)
  return (
    <section aria-label={name}>
      <div className="mb-1 flex items-center gap-2">
        <h3 className="font-semibold">{name}</h3>
        <span className="text-sm text-ink-3">
          {formatBytes(shown.byteCount)} · {KIND[shown.kind]}
          {shown.isShortened && ' · only its beginning is kept here'}
          {shown.maskedCount > 0 && ` · ${formatPlural(shown.maskedCount, 'value')} masked`}
        </span>
        <span className="ml-auto flex items-center">
          {shown.kind !== 'binary' && (
            <FilterChips
              label={`Form of the ${name.toLowerCase()}`}
              chips={[
                { id: 'text', label: KIND[shown.kind] },
                { id: 'hex', label: 'Hex' },
              ]}
              value={form}
              onChange={(next) => setForm(next === 'hex' ? 'hex' : 'text')}
            />
          )}
          <CopyButton label={`Copy the ${name.toLowerCase()}`} text={shown.text} isIconOnly />
        </span>
      </div>
      <CodeBox
        label={`${name}, ${isHex ? 'hex' : 'text'}`}
        text={isHex ? formatHexDump(hex) : shown.kind === 'json' ? indentJson(shown.text) : shown.text}
        isWrapped={!isHex}
        className={height}
      />
      {isHex && shown.kind === 'json' && (
        <p className="mt-1 text-sm text-ink-3">Of the text as shown; the original may have other spaces.</p>
      )}
    </section>
  )
}
