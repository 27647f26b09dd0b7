/** `14 m`, `1 h 5 m`, `4.2 s`, `3 d 2 h`: at most two units, for sentences. */
export function printDuration(ms: number): string {
  if (ms < 950) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ]
  const at = units.findIndex(([size]) => seconds >= size)
  const [size, unit] = units[at] ?? [1, 's']
  const [nextSize, nextUnit] = units[at + 1] ?? [1, '']
  const rest = Math.floor((seconds % size) / nextSize)
  const isExactEnough = rest === 0 || (unit === 'm' && seconds >= 600)
  return `${Math.floor(seconds / size)} ${unit}${isExactEnough ? '' : ` ${rest} ${nextUnit}`}`
}

/** `18,931`. */
export function printCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 message`, `18,931 messages`. */
export function printMessages(count: number): string {
  return `${printCount(count)} ${Math.round(count) === 1 ? 'message' : 'messages'}`
}
