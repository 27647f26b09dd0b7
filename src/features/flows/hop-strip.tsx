import { Fragment } from 'react'
import { formatPlural } from '#ui/format/number.ts'

interface HopStripProps {
  readonly services: readonly string[]
  readonly destinations: readonly string[]
  readonly hopCount: number
}

/** As many as fit a row without wrapping on a laptop. */
const MOST_SHOWN = 5

/** Who took part and through which destinations, in small: services are boxes, destinations are hatched. */
export function HopStrip({ services, destinations, hopCount }: HopStripProps) {
  const label = `${services.join(', ')} over ${destinations.join(', ') || 'no destination'}, ${formatPlural(hopCount, 'hop')}`
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1 text-sm" title={label}>
      {services.slice(0, MOST_SHOWN).map((service, index) => (
        <Fragment key={service}>
          {index > 0 && (
            <svg width={14} height={6} aria-hidden="true" className="shrink-0">
              <path d="M0 3h10M8 0.8L11 3 8 5.2" fill="none" stroke="var(--ink-3)" />
            </svg>
          )}
          <span className="max-w-40 truncate rounded-sm border border-line bg-panel-2 px-1.5 leading-[18px]">
            {service}
          </span>
        </Fragment>
      ))}
      {services.length > MOST_SHOWN && <span className="text-ink-3">+{services.length - MOST_SHOWN}</span>}
      {hopCount > 0 && (
        <span className="inline-flex items-center gap-1.5 text-ink-3">
          <span aria-hidden="true" className="hatch-queue inline-block h-2.5 w-5 rounded-xs" />
          {formatPlural(hopCount, 'hop')}
        </span>
      )}
    </div>
  )
}
