'use client'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { CodeBox } from '#ui/code-box.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { type FilterChip, FilterChips } from '#ui/filter-chips.tsx'
import { formatHexDump, hexOfText } from '#ui/format/hex-dump.ts'
import { indentJson } from '#ui/format/indent-json.ts'
import { formatBytes, formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'

type Shown = NonNullable<RouterOutputs['deadLetter']['payload']['payload']>
type Decoded = Extract<Shown['decoded'], { outcome: 'decoded' }>

const KIND: Readonly<Record<Shown['kind'], string>> = { json: 'JSON', text: 'Text', binary: 'Binary' }
const SCHEMA_KIND: Readonly<Record<Decoded['schema']['kind'], string>> = {
  avro: 'Avro',
  protobuf: 'Protobuf',
  'json-schema': 'JSON Schema',
}

interface MessageBytesProps {
  /** Key or Payload. */
  readonly name: string
  readonly shown: Shown
  /** A class of the most it may be high. */
  readonly height: string
}

/** The same bytes in every form that they have: decoded by their schema, as text, as a hex dump. */
export function MessageBytes({ name, shown, height }: MessageBytesProps) {
  const decoded = shown.decoded?.outcome === 'decoded' ? shown.decoded : null
  const chips = formsOf(shown, decoded)
  const [wanted, setWanted] = useState<string | null>(null)
  const form = chips.find((chip) => chip.id === wanted)?.id ?? chips[0]?.id ?? 'hex'
  const text = textOf(shown, decoded, form)
  const maskedCount = decoded?.maskedCount ?? shown.maskedCount
  const label = name.toLowerCase()
  return (
    <section aria-label={name}>
      <div className="mb-1 flex flex-wrap items-center gap-x-2">
        <h3 className="font-semibold">{name}</h3>
        <span className="text-sm text-ink-3">
          {formatBytes(shown.byteCount)} · {decoded === null ? KIND[shown.kind] : SCHEMA_KIND[decoded.schema.kind]}
          {shown.isShortened && decoded === null && ' · only its beginning is kept here'}
          {maskedCount > 0 && ` · ${formatPlural(maskedCount, 'value')} masked`}
        </span>
        <span className="ml-auto flex items-center">
          {chips.length > 1 && (
            <FilterChips label={`Form of the ${label}`} chips={chips} value={form} onChange={setWanted} />
          )}
          <CopyButton label={`Copy the ${label}`} text={form === 'hex' ? hexOf(shown) : text} isIconOnly />
        </span>
      </div>
      {decoded !== null && <SchemaLine schema={decoded.schema} />}
      {shown.decoded?.outcome === 'failed' && <NotDecoded name={name} failed={shown.decoded} />}
      <CodeBox label={`${name}, ${form}`} text={text} isWrapped={form !== 'hex'} className={height} />
      {shown.isWithheld && (
        <p className="mt-1 text-sm text-ink-3">The bytes are not shown: masked fields could be read in them.</p>
      )}
      {form === 'hex' && shown.kind === 'json' && (
        <p className="mt-1 text-sm text-ink-3">Of the text as shown; the original may have other spaces.</p>
      )}
    </section>
  )
}

function formsOf(shown: Shown, decoded: Decoded | null): readonly FilterChip[] {
  const forms: FilterChip[] = []
  if (decoded !== null) forms.push({ id: 'decoded', label: 'Decoded' })
  if (shown.kind !== 'binary' && !shown.isWithheld) forms.push({ id: 'text', label: KIND[shown.kind] })
  if (!shown.isWithheld) forms.push({ id: 'hex', label: 'Hex' })
  return forms
}

const hexOf = (shown: Shown): string => (shown.kind === 'binary' ? shown.text : hexOfText(shown.text))

function textOf(shown: Shown, decoded: Decoded | null, form: string): string {
  if (form === 'decoded' && decoded !== null) return indentJson(decoded.text)
  if (form === 'hex') return formatHexDump(hexOf(shown))
  return shown.kind === 'json' ? indentJson(shown.text) : shown.text
}

function SchemaLine({ schema }: { readonly schema: Decoded['schema'] }) {
  return (
    <p className="mb-1 text-sm text-ink-2 wrap-anywhere-safe">
      <span className="font-mono">{schema.name}</span>
      <span className="text-ink-3">
        {' '}
        · schema {schema.id}
        {schema.subject !== null && ` · ${schema.subject}`}
        {schema.version !== null && ` version ${schema.version}`}
      </span>
    </p>
  )
}

function NotDecoded({
  name,
  failed,
}: {
  readonly name: string
  readonly failed: Extract<Shown['decoded'], { outcome: 'failed' }>
}) {
  const { schemaId, reason, detail, isTemporary } = failed
  return (
    <div className="mb-2">
      <Note
        tone={isTemporary ? 'unknown' : 'warn'}
        title={`The ${name.toLowerCase()} ${isTemporary ? 'could not be decoded' : 'does not decode'}`}
      >
        {reason.charAt(0).toUpperCase() + reason.slice(1)}
        {detail !== null && ` (${detail})`}
        {schemaId > 0 && `. It names schema ${schemaId}; its bytes are shown as they are.`}
      </Note>
    </div>
  )
}
