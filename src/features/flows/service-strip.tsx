/** As many as fit a row without wrapping on a laptop. */
const MOST_SHOWN = 6

/** Who took part; boxes without arrows, because the list does not know the order. */
export function ServiceStrip({ services }: { readonly services: readonly string[] }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-1 text-sm" title={services.join(', ')}>
      {services.slice(0, MOST_SHOWN).map((service) => (
        <span
          key={service}
          className="max-w-40 truncate rounded-sm border border-line bg-panel-2 px-1.5 leading-[18px] text-ink-2"
        >
          {service}
        </span>
      ))}
      {services.length > MOST_SHOWN && <span className="text-ink-3">+{services.length - MOST_SHOWN}</span>}
    </div>
  )
}
