interface SparkBarsProps {
  /** One figure per step, oldest first; null = not known, drawn as a gap. */
  readonly values: readonly (number | null)[]
  /** Said by a screen reader and on hover. */
  readonly label: string
  readonly width?: number
  readonly height?: number
  readonly className?: string
}

/** Small bars for counts per step; the tallest fills the height. */
export function SparkBars({ values, label, width = 120, height = 24, className = 'text-bad' }: SparkBarsProps) {
  const most = Math.max(1, ...values.map((value) => value ?? 0))
  const step = width / Math.max(1, values.length)
  const gap = step > 4 ? 1 : 0.5
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={className}
    >
      <title>{label}</title>
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      {values.map((value, index) => {
        if (value === null || value === 0) return null
        const tall = Math.max(2, (value / most) * (height - 2))
        return (
          <rect
            key={index}
            x={index * step + gap / 2}
            y={height - tall}
            width={Math.max(1, step - gap)}
            height={tall}
            fill="currentColor"
          />
        )
      })}
    </svg>
  )
}
