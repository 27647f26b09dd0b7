import { lazyFormat } from '#ui/format/lazy-format.ts'

const whole = lazyFormat(() => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 }))
const onePlace = lazyFormat(() => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }))
const twoPlaces = lazyFormat(() => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }))
/** Keeps a figure and its unit on one line. */
export const NO_BREAK = '\u00a0'

/** `18,931`; an unknown figure is an em dash, never 0. */
export function formatCount(count: number | null): string {
  if (count === null) return '—'
  // By far the most frequent case needs no formatter.
  return Number.isSafeInteger(count) ? String(count).replace(/\B(?=(\d{3})+$)/g, ',') : whole().format(count)
}

/** `940`, `18.9 k`, `2.4 M`: for axes and narrow places. */
export function formatShortCount(count: number): string {
  const size = Math.abs(count)
  if (size < 1000) return onePlace().format(count)
  if (size < 999_950) return `${onePlace().format(count / 1000)}${NO_BREAK}k`
  return `${onePlace().format(count / 1_000_000)}${NO_BREAK}M`
}

/** Messages per second with the unit: `22.4/s`, `0.03/s`; below that `<0.01/s`. */
export function formatRate(perSecond: number): string {
  const size = Math.abs(perSecond)
  if (size > 0 && size < 0.01) return '<0.01/s'
  const format = size < 1 ? twoPlaces() : size < 100 ? onePlace() : whole()
  return `${format.format(perSecond)}/s`
}

/** `99.62 %` of a ratio between 0 and 1. Never rounds an incomplete share up to 100 or a present one down to 0. */
export function formatShare(ratio: number): string {
  const percent = ratio * 100
  if (percent > 0 && percent < 0.01) return `<0.01${NO_BREAK}%`
  if (percent < 100 && percent > 99.99) return `>99.99${NO_BREAK}%`
  return `${(percent >= 10 && percent <= 90 ? whole() : twoPlaces()).format(percent)}${NO_BREAK}%`
}

/** `1.1 kB`, `64 KiB` is written in powers of 1000 as `65.5 kB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}${NO_BREAK}B`
  if (bytes < 999_950) return `${onePlace().format(bytes / 1000)}${NO_BREAK}kB`
  return `${onePlace().format(bytes / 1_000_000)}${NO_BREAK}MB`
}

/** `1 message`, `2 messages`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${NO_BREAK}${count === 1 ? one : many}`
}
