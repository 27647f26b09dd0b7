import type { TimeShare } from '#domain/flow/flow.ts'

export interface TimeTotal {
  readonly kind: TimeShare['kind']
  readonly durationUs: number
}

/** How long each kind took altogether; kinds that took nothing are left out. */
export function totalTime(shares: readonly TimeShare[]): readonly TimeTotal[] {
  const totals = new Map<TimeShare['kind'], number>()
  for (const { kind, durationUs } of shares) totals.set(kind, (totals.get(kind) ?? 0) + durationUs)
  return [...totals].flatMap(([kind, durationUs]) => (durationUs > 0 ? [{ kind, durationUs }] : []))
}

/**
 * At most `most` stretches that cover the same time: each slice of time shows the kind that took most of it, so that a
 * bar of a thousand pixels is not drawn from a hundred thousand parts. Neighbours of one kind are one stretch.
 */
export function thinShares(shares: readonly TimeShare[], most: number): readonly TimeShare[] {
  const [first] = shares
  const last = shares.at(-1)
  if (first === undefined || last === undefined || shares.length <= most) return shares
  const startUs = first.startUs
  const sliceUs = (last.startUs + last.durationUs - startUs) / most
  const thinned: TimeShare[] = []
  let at = 0
  for (let slice = 0; slice < most; slice += 1) {
    const fromUs = startUs + slice * sliceUs
    const toUs = fromUs + sliceUs
    const inSlice = new Map<TimeShare['kind'], number>()
    for (let share = shares[at]; share !== undefined && share.startUs < toUs; share = shares[at]) {
      const endUs = share.startUs + share.durationUs
      const insideUs = Math.min(endUs, toUs) - Math.max(share.startUs, fromUs)
      inSlice.set(share.kind, (inSlice.get(share.kind) ?? 0) + insideUs)
      if (endUs > toUs) break
      at += 1
    }
    const [kind] = [...inSlice].reduce((best, one) => (one[1] > best[1] ? one : best), ['idle', 0] as const)
    const before = thinned.at(-1)
    if (before?.kind === kind) thinned[thinned.length - 1] = { ...before, durationUs: before.durationUs + sliceUs }
    else thinned.push({ kind, startUs: fromUs, durationUs: sliceUs })
  }
  return thinned
}
