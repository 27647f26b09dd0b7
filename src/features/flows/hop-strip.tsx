import type { StripStep } from '#domain/flow/hop-strip.ts'
import { classNames } from '#ui/class-names.ts'
import { formatDurationUs } from '#ui/format/duration.ts'

interface HopStripProps {
  readonly steps: readonly StripStep[]
  /** Of a flow without messages. */
  readonly services: readonly string[]
}

/** As many as a row holds on a laptop. */
const MOST_STEPS = 9

/** Who sent, where it waited (hatched) and who took it, in the order of time. */
export function HopStrip({ steps, services }: HopStripProps) {
  const drawn: readonly StripStep[] =
    steps.length > 0 ? steps : services.map((name) => ({ kind: 'service', name, isError: false, times: 1 }))
  // One service may stand in several places of a strip.
  const placed = drawn.slice(0, MOST_STEPS).map((step, place) => ({ step, key: `${place}${step.name}` }))
  const more = drawn.length - MOST_STEPS
  return (
    <ol className="flex min-w-0 flex-wrap items-center gap-x-1 gap-y-0.5 text-sm" aria-label="Hops">
      {placed.map(({ step, key }) => (
        <li key={key} className="flex min-w-0 items-center">
          {step.kind === 'service' ? <Service step={step} /> : <Queue step={step} />}
        </li>
      ))}
      {more > 0 && <li className="text-ink-3">+{more}</li>}
    </ol>
  )
}

function Service({ step }: { readonly step: Extract<StripStep, { kind: 'service' }> }) {
  return (
    <span
      title={step.isError ? `${step.name}, with errors` : step.name}
      className={classNames(
        'max-w-36 truncate rounded-sm border px-1.5 leading-[18px]',
        step.isError ? 'border-bad-line bg-bad-weak text-bad' : 'border-line bg-panel-2 text-ink-2',
      )}
    >
      {step.isError && <span aria-hidden="true">■ </span>}
      {step.name}
      {step.times > 1 && ` ×${step.times}`}
      {step.isError && <span className="sr-only"> with errors</span>}
    </span>
  )
}

function Queue({ step }: { readonly step: Extract<StripStep, { kind: 'queue' }> }) {
  const wait = step.isOpen ? '…' : step.dwellUs === null ? null : formatDurationUs(step.dwellUs)
  return (
    <span
      title={
        step.isOpen ? `${step.name}: nobody was seen to take it` : `${step.name}${wait === null ? '' : `: ${wait}`}`
      }
      className="flex items-center gap-1 text-ink-3"
    >
      <span
        aria-hidden="true"
        className={classNames('hatch-queue inline-block h-2 rounded-xs', step.isOpen ? 'w-3 opacity-60' : 'w-4')}
      />
      <span className="sr-only">{step.name} </span>
      {wait !== null && <span>{wait}</span>}
    </span>
  )
}
