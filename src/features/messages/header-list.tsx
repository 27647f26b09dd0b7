'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { CodeBox } from '#ui/code-box.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'

type Headers = RouterOutputs['deadLetter']['get']['headers']

const KINDS: Readonly<Record<Headers[number]['kind'], string | null>> = {
  null: 'null',
  text: null,
  int32: 'int32',
  int64: 'int64',
  binary: 'binary, hex',
}

/** Long values fold into a box of their own, so that the list stays a list. */
const LONG = 240

/** The headers as the message carries them, in their order. */
export function HeaderList({ headers }: { readonly headers: readonly Headers[number][] }) {
  if (headers.length === 0) return <p className="text-ink-2">The message has no headers.</p>
  return (
    <FactList isWide>
      {headers.map((header, index) => (
        <Fact key={`${index}:${header.name}`} name={header.name}>
          {header.text !== null && header.text.length > LONG ? (
            <CodeBox label={header.name} text={header.text} className="max-h-40" />
          ) : (
            <span className="font-mono text-sm">{header.text}</span>
          )}
          {KINDS[header.kind] !== null && <span className="ml-1.5 text-sm text-ink-3">{KINDS[header.kind]}</span>}
        </Fact>
      ))}
    </FactList>
  )
}
