'use client'
import { useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import type { ComparisonSide } from '#domain/comparison/comparison-side.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'

const MODES = [
  { id: 'flows', label: 'Two flows' },
  { id: 'moment', label: 'Before and after a moment' },
  { id: 'versions', label: 'Two versions of a service' },
] as const
type Mode = (typeof MODES)[number]['id']

const LENGTHS = [
  { id: '15', label: '15 min each' },
  { id: '60', label: '1 h each' },
  { id: '360', label: '6 h each' },
] as const
const MINUTE_MS = 60_000

interface SideFormProps {
  readonly left: ComparisonSide | null
  readonly right: ComparisonSide | null
  readonly onCompare: (left: ComparisonSide, right: ComparisonSide) => void
}

function modeOf(side: ComparisonSide | null): Mode {
  if (side?.kind === 'window') return 'moment'
  return side?.kind === 'version' ? 'versions' : 'flows'
}

/** What is compared with what. */
export function SideForm({ left, right, onCompare }: SideFormProps) {
  const [mode, setMode] = useState<Mode>(modeOf(left))
  return (
    <div className="flex flex-col gap-3">
      <FilterChips
        label="What is compared"
        chips={MODES}
        value={mode}
        onChange={(id) => setMode(MODES.find((one) => one.id === id)?.id ?? 'flows')}
      />
      {mode === 'flows' && <FlowForm left={left} right={right} onCompare={onCompare} />}
      {mode === 'moment' && <MomentForm left={left} onCompare={onCompare} />}
      {mode === 'versions' && <VersionForm left={left} right={right} onCompare={onCompare} />}
    </div>
  )
}

const keyOf = (side: ComparisonSide | null): string =>
  side === null || side.kind === 'window' || side.kind === 'version' ? '' : side.flowKey

interface CompareFormProps {
  readonly isWhole: boolean
  readonly onSubmit: () => void
  readonly children: ReactNode
}

function CompareForm({ isWhole, onSubmit, children }: CompareFormProps) {
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (isWhole) onSubmit()
      }}
    >
      {children}
      <div className="pb-1">
        <Button type="submit" disabled={!isWhole}>
          Compare
        </Button>
      </div>
    </form>
  )
}

function FlowForm({ left, right, onCompare }: SideFormProps) {
  const [keys, setKeys] = useState([keyOf(left), keyOf(right)] as const)
  const [leftKey, rightKey] = [keys[0].trim(), keys[1].trim()]
  return (
    <CompareForm
      isWhole={leftKey !== '' && rightKey !== ''}
      onSubmit={() => {
        onCompare({ kind: 'flow', flowKey: leftKey }, { kind: 'flow', flowKey: rightKey })
      }}
    >
      <TextField
        label="Left flow"
        value={keys[0]}
        onChange={(event) => setKeys([event.target.value, keys[1]])}
        className="w-full sm:w-64"
      />
      <TextField
        label="Right flow"
        value={keys[1]}
        onChange={(event) => setKeys([keys[0], event.target.value])}
        className="w-full sm:w-64"
      />
    </CompareForm>
  )
}

/** `2026-11-21T10:30` in the zone of the browser, as the field wants it. */
function localText(atMs: number): string {
  const at = new Date(atMs)
  return new Date(atMs - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16)
}

function MomentForm({ left, onCompare }: Omit<SideFormProps, 'right'>) {
  const [text, setText] = useState(left?.kind === 'window' ? localText(left.toMs) : '')
  const [minutes, setMinutes] = useState(
    LENGTHS.find(({ id }) => left?.kind === 'window' && left.toMs - left.fromMs === Number(id) * MINUTE_MS)?.id ?? '15',
  )
  const atMs = new Date(text).getTime()
  const lengthMs = Number(minutes) * MINUTE_MS
  return (
    <CompareForm
      isWhole={!Number.isNaN(atMs)}
      onSubmit={() => {
        onCompare(
          { kind: 'window', fromMs: atMs - lengthMs, toMs: atMs },
          { kind: 'window', fromMs: atMs, toMs: atMs + lengthMs },
        )
      }}
    >
      <TextField
        label="Moment, such as a deploy"
        type="datetime-local"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="w-full sm:w-56"
      />
      <div className="pb-1">
        <FilterChips
          label="Length of both windows"
          chips={LENGTHS}
          value={minutes}
          onChange={(id) => setMinutes(LENGTHS.find((one) => one.id === id)?.id ?? '15')}
        />
      </div>
    </CompareForm>
  )
}

const SIDES = [
  { name: 'left', label: 'Left version' },
  { name: 'right', label: 'Right version' },
] as const

function VersionForm({ left, right, onCompare }: SideFormProps) {
  const trpc = useTRPC()
  const listId = useId()
  const [said, setSaid] = useState({
    service: left?.kind === 'version' ? left.service : '',
    left: left?.kind === 'version' ? left.version : '',
    right: right?.kind === 'version' ? right.version : '',
  })
  const { service } = said
  const versions = useQuery({
    ...trpc.comparison.versions.queryOptions({ service }),
    enabled: service !== '',
    staleTime: 60_000,
  })
  const isWhole = [service, said.left, said.right].every((one) => one.trim() !== '')
  return (
    <CompareForm
      isWhole={isWhole}
      onSubmit={() => {
        onCompare(
          { kind: 'version', service, version: said.left.trim() },
          { kind: 'version', service, version: said.right.trim() },
        )
      }}
    >
      <TextField
        label="Service"
        value={service}
        onChange={(event) => setSaid({ ...said, service: event.target.value.trim() })}
        className="w-full sm:w-48"
      />
      {SIDES.map(({ name, label }) => (
        <TextField
          key={name}
          label={label}
          list={listId}
          value={said[name]}
          onChange={(event) => setSaid({ ...said, [name]: event.target.value })}
          className="w-[calc(50%-6px)] sm:w-36"
        />
      ))}
      <datalist id={listId}>
        {versions.data?.map((version) => (
          <option key={version} value={version}>
            {version}
          </option>
        ))}
      </datalist>
    </CompareForm>
  )
}
