'use client'
import { ChevronDown } from 'lucide-react'
import { useId, useState } from 'react'
import { isEmptyFilter, type LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { Button } from '#ui/button.tsx'
import { FilterTexts, type TextFilter } from '#ui/filter-texts.tsx'
import { type DeadLetterView, useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { useMay } from '#features/session/person-context.ts'

const HALF = 'w-[calc(50%-4px)]'

type Field = 'error' | 'destination' | 'key' | 'header' | 'value' | 'expression'

const OPEN_TO_ALL: readonly TextFilter<Field>[] = [
  { name: 'error', label: 'Part of the error', placeholder: 'Error, e.g. TimeoutError', className: `${HALF} sm:w-52` },
  {
    name: 'destination',
    label: 'Dead-letter place, or where it came from',
    placeholder: 'Destination',
    className: `${HALF} sm:w-44`,
  },
]
const KEY: readonly TextFilter<Field>[] = [
  { name: 'key', label: 'Message key', placeholder: 'Message key', className: 'w-full sm:w-44', isMono: true },
]
const HEADER: readonly TextFilter<Field>[] = [
  {
    name: 'header',
    label: 'Header',
    placeholder: 'Header',
    className: 'min-w-0 flex-1 sm:w-44 sm:flex-none',
    isMono: true,
  },
]
const VALUE: readonly TextFilter<Field>[] = [
  {
    name: 'value',
    label: 'Value of the header',
    placeholder: 'any value',
    className: 'min-w-0 flex-1 sm:w-44 sm:flex-none',
    isMono: true,
  },
]
const EXPRESSION: readonly TextFilter<Field>[] = [
  {
    name: 'expression',
    label: 'Expression over the message',
    placeholder: '$.customer.country == "CH" && headers["tenant"] != "test"',
    className: 'w-full',
    isMono: true,
  },
]

const orNull = (text: string): string | null => (text === '' ? null : text)

/** What is looked for; null when nothing is. */
export function filterOf(view: DeadLetterView): LetterFilter | null {
  const filter = {
    error: orNull(view.error),
    destination: orNull(view.destination),
    key: orNull(view.key),
    header: orNull(view.header),
    headerValue: view.header === '' ? null : orNull(view.value),
    expression: orNull(view.expression),
  }
  return isEmptyFilter(filter) ? null : filter
}

/** By what single messages are looked for, over all failure groups. */
export function LetterSearchBar() {
  const [view, setView] = useDeadLetterView()
  const isAsked = filterOf(view) !== null
  const [isOpen, setIsOpen] = useState(isAsked)
  const panelId = useId()
  const mayRead = useMay('payload:read')
  const set = (name: Field, text: string | null) =>
    void setView({ [name]: text, fingerprint: null, id: null, redrive: null, discard: null, only: null })
  const clear = () =>
    void setView({ error: null, destination: null, key: null, header: null, value: null, expression: null })
  return (
    <div className="mb-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button aria-expanded={isOpen} aria-controls={panelId} onClick={() => setIsOpen(!isOpen)}>
          Search messages
          <ChevronDown size={14} aria-hidden="true" className={isOpen ? 'rotate-180' : ''} />
        </Button>
        {isAsked && <Button onClick={clear}>Back to the failure groups</Button>}
      </div>
      <div id={panelId} hidden={!isOpen}>
        {isOpen && (
          <div className="mt-2 flex flex-col gap-2 rounded-lg border border-line-soft bg-sunken p-2.5">
            <div className="flex flex-wrap items-center gap-2">
              <FilterTexts filters={OPEN_TO_ALL} values={view} onChange={set} />
              {mayRead && <FilterTexts filters={KEY} values={view} onChange={set} />}
              <div className="flex w-full items-center gap-2 sm:w-auto">
                <FilterTexts filters={HEADER} values={view} onChange={set} />
                {mayRead && (
                  <>
                    <span aria-hidden="true" className="font-mono text-ink-3">
                      =
                    </span>
                    <FilterTexts filters={VALUE} values={view} onChange={set} />
                  </>
                )}
              </div>
            </div>
            {mayRead && <FilterTexts filters={EXPRESSION} values={view} onChange={set} />}
            <p className="text-sm text-ink-3">
              Errors, destinations and keys are found at once; headers and expressions are looked through, newest first.
              {mayRead && (
                <>
                  {' '}
                  An expression is CEL over <code>payload</code> (or a path from <code>$</code>), <code>headers</code>,{' '}
                  <code>key</code>, <code>text</code>, <code>error</code>, <code>message</code>, <code>attempts</code>,{' '}
                  <code>origin</code>, <code>died</code>; <code>text.matches("^a.*z$")</code> takes a pattern of RE2. A
                  field that is not there does not match.
                </>
              )}
            </p>
          </div>
        )}
      </div>
    </div>
  )
}
