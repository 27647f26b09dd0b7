const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90 s`, `5m`, `1 h 30 m`; a bare number is seconds. null for anything else. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1_000
  if (!/^(?:\d{1,9}\s*[smhd]\s*)+$/.test(trimmed)) return null
  return [...trimmed.matchAll(/(\d+)\s*([smhd])/g)].reduce(
    (sum, [, figure, unit]) => sum + Number(figure) * (UNITS_MS[unit ?? ''] ?? 0),
    0,
  )
}

/** A length of time in the form in which it is typed: `1h 30m`. */
export function typeDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const
  return (
    parts
      .filter(([figure]) => figure > 0)
      .map(([figure, unit]) => `${figure}${unit}`)
      .join(' ') || '0s'
  )
}
